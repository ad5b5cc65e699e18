using Unroll.Core;
using Unroll.Tasks.Translation;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks;

public sealed class TranslationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private IReadOnlyList<TranslationPair> Read(params string[] files) => PairReader.Read(files, TextReader.Null);

    private string Fault(params string[] files)
    {
        string message = Assert.Throws<UserErrorException>(() => Read(files)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void Two_columns_are_source_and_target_and_a_third_without_parts_is_a_note() => Assert.Equal(
        [new("Go.", "Geh."), new("Hi.", "Hallo.")], Read(Write("a.tsv", "Go.\tGeh.\tCC BY\n\nHi.\tHallo.\tCC BY\n")));

    [Fact]
    public void A_first_column_of_parts_deals_the_pairs()
    {
        TranslationData data = TranslationData.Read(
            new TranslationOptions { Data = [Write("a.tsv", "train\ta\tb\tnote\ndev\tc\td\tnote\ntest\te\tf\tnote\ntest\te\tg\tnote\n")] }, TextReader.Null);
        Assert.Equal((1, 1, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
        TestSentence one = Assert.Single(TranslationData.Join(data.Test));
        Assert.Equal(["f", "g"], one.References);
    }

    [Fact]
    public void Where_shares_are_drawn_a_source_stands_in_one_part_alone()
    {
        string text = string.Concat(Enumerable.Range(0, 200).Select(i => $"s{i % 50}\tt{i}\n"));
        TranslationData data = TranslationData.Read(new TranslationOptions { Data = [Write("a.tsv", text)], Split = [0.6, 0.2] }, TextReader.Null);
        Assert.Equal((120, 40, 40), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Empty(data.Training.Select(pair => pair.Source).Intersect(data.Test.Concat(data.Validation).Select(pair => pair.Source)));
    }

    [Fact]
    public void Lines_of_two_files_belong_together() =>
        Assert.Equal([new("a b", "c"), new("d", "e f")], Read(Write("x.en", "a b\nd\n"), Write("x.de", "c\ne f")));

    [Fact]
    public void A_fault_names_the_file_and_the_line()
    {
        Assert.Contains("a.tsv, line 2: expected a source and a target with a TAB between them", Fault(Write("a.tsv", "a\tb\nc d\n")));
        Assert.Contains("a.tsv, line 1: expected a target, found an empty one beside 'a'", Fault(Write("a.tsv", "a\t \n")));
        Assert.Contains("a.tsv, line 2: expected train, valid or test in the first column", Fault(Write("a.tsv", "train\ta\tb\ntrial\tc\td\n")));
        Assert.Contains("a.tsv, line 2: expected part, source and target, found 2 columns", Fault(Write("a.tsv", "train\ta\tb\ntest\tc\n")));
        Assert.Contains("x.en has 2 lines and ", Fault(Write("x.en", "a\nb\n"), Write("x.de", "c\n")));
        Assert.Contains("x.en, line 2: expected a source, found an empty one", Fault(Write("x.en", "a\n\n"), Write("x.de", "c\nd\n")));
        Assert.Contains("the text is empty", Fault(Write("a.tsv", "")));
        Assert.Contains("expected pairs of texts, found none", Fault(Write("a.tsv", "\n\n")));
        File.WriteAllBytes(_folder["latin.tsv"], [.. "a\tb\nc\t"u8, 0xE5, (byte)'\n']);
        Assert.Contains("latin.tsv, line 2, byte 6: expected text in UTF-8", Fault(_folder["latin.tsv"]));
    }

    [Theory, InlineData("word"), InlineData("bpe"), InlineData("char")]
    public void Text_comes_back_from_its_symbols_as_it_was(string unit)
    {
        string[] texts = ["Hello, world! Hello again; the lowest, the lower, the low.", "It's 3.5 euros (about $4) – isn't it?", "низкий ниже 😀x 東京", "a - b -c d- \"e\""];
        TranslationSide side = TranslationSide.Learn(texts, new TranslationOptions { Merges = 12, MinCount = 1 }, unit);
        foreach (string text in texts)
        {
            IReadOnlyList<string> symbols = side.Symbols(text);
            Assert.Equal(text, side.Text(symbols));
            Assert.All(side.Encode(text), symbol => Assert.NotEqual(Unroll.Tasks.Data.Text.Vocabulary.Unknown, symbol));
        }
        Assert.Equal("Hello world", side.Normal("  Hello \t world "));
    }

    [Fact]
    public void The_commonest_neighbors_become_one_piece_first_and_a_word_is_cut_as_it_was_learned()
    {
        // l·o and o·w stand 7 times and the first in order is taken, then lo·w 7 times, then low·e and e·r twice.
        BytePairs pairs = BytePairs.Learn(new Dictionary<string, long> { ["low"] = 5, ["lower"] = 2, ["no"] = 1 }, 3);
        char glue = BytePairs.Glue;
        Assert.Equal([$"l {glue}o", $"lo {glue}w", $"low {glue}e"], pairs.Merges);
        Assert.Equal(["lowe", $"{glue}r"], pairs.Split("lower"));
        Assert.Equal(["s", $"{glue}l", $"{glue}o", $"{glue}w"], pairs.Split("slow"));
        Assert.Equal(pairs.Split("lowered"), new BytePairs(pairs.Merges).Split("lowered"));
    }

    [Fact]
    public void Options_come_back_from_their_json_and_refuse_what_is_out_of_range()
    {
        TranslationOptions options = new() { Data = ["a.en", "a.de"], Unit = "bpe", TargetUnit = "char", Sampling = 0.25, Attention = "bahdanau", Lower = true };
        Assert.Equal(options.ToJson(), TranslationOptions.FromJson(options.ToJson(), "x").ToJson());
        Assert.Contains("did you mean 'word'", Assert.Throws<UserErrorException>(() => new TranslationOptions { Unit = "words" }).Message);
        Assert.Contains("got 3 files", Assert.Throws<UserErrorException>(() => new TranslationOptions { Data = ["a", "b", "c"] }).Message);
    }
}
