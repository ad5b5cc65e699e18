using Unroll.Core;
using Unroll.Layers.Attention;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Translation;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks;

public sealed class TranslationDataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private IReadOnlyList<TranslationPair> Read(params string[] files) => PairReader.Read(files, DataFiles.Disk);

    private string Fault(params string[] files)
    {
        string message = Assert.Throws<UserErrorException>(() => Read(files)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void A_cross_validation_is_not_one_run() => Assert.Contains("cross-validate: a run trains one model", Assert.Throws<OptionException>(() =>
        TranslationRun.Begin(new TranslationOptions { CrossValidate = true }, TranslationData.From([("a", "b"), ("c", "d"), ("e", "f")]))).Message);

    [Fact]
    public void Two_columns_are_source_and_target_and_a_third_without_parts_is_a_note() => Assert.Equal(
        [new("Go.", "Geh."), new("Hi.", "Hallo.")], Read(Write("a.tsv", "Go.\tGeh.\tCC BY\n\nHi.\tHallo.\tCC BY\n")));

    [Fact]
    public void A_first_column_of_parts_deals_the_pairs()
    {
        TranslationOptions options = new() { Data = ["a.tsv"] };
        Partition<TranslationPair> parts = TranslationData.Read(
            options, DataFiles.Of("a.tsv", "train\ta\tb\tnote\ndev\tc\td\tnote\ntest\te\tf\tnote\ntest\te\tg\tnote\n")).Parts(options);
        Assert.Equal(new PartCounts(1, 1, 2), parts.Counts);
        TestSentence one = Assert.Single(TranslationData.Join(parts.Test));
        Assert.Equal(["f", "g"], one.References);
    }

    [Fact]
    public void A_source_of_one_word_in_capital_letters_is_no_part() =>
        Assert.Equal([new("Test", "Prueba"), new("Train", "Tren")], Read(Write("a.tsv", "Test\tPrueba\tnote\nTrain\tTren\tnote\n")));

    private static readonly (string Source, string Target)[] s_pairs = [.. Enumerable.Range(0, 200).Select(i => ($"s{i % 50}", $"t{i}"))];

    private static Partition<TranslationPair> Deal(TranslationOptions options, TranslationData? data = null) =>
        (data ?? TranslationData.From(s_pairs)).Parts(options);

    // The rule from before there was one for all tasks: sources in the order in which they first stand, permuted, cut at the shares.
    [Theory, InlineData(0.6, 0.2, 1), InlineData(0.8, 0.1, 7), InlineData(0.5, 0.0, 3), InlineData(0.9, 0.1, 2)]
    public void Drawn_parts_are_whole_sources_in_a_permutation_by_the_seed(double train, double valid, ulong seed)
    {
        string[] sources = [.. s_pairs.Select(pair => pair.Source).Distinct()];
        int[] order = new int[sources.Length];
        new Rng(seed).For("split").Permute(order);
        int first = (int)Math.Round(sources.Length * train), second = (int)Math.Round(sources.Length * Math.Min(1, train + valid));
        HashSet<string> training = [.. order[..first].Select(i => sources[i])], validating = [.. order[first..second].Select(i => sources[i])];
        Partition<TranslationPair> parts = Deal(new TranslationOptions { Split = [train, valid], Seed = seed });
        Assert.Equal(s_pairs.Where(pair => training.Contains(pair.Source)), parts.Train.Select(pair => (pair.Source, pair.Target)));
        Assert.Equal(s_pairs.Where(pair => validating.Contains(pair.Source)), parts.Valid.Select(pair => (pair.Source, pair.Target)));
        Assert.Equal(s_pairs.Length, parts.Train.Count + parts.Valid.Count + parts.Test.Count);
    }

    [Fact]
    public void With_pairs_of_their_own_to_test_on_a_share_of_the_sources_still_validates()
    {
        TranslationPair[] own = [new("x", "y")];
        Partition<TranslationPair> parts = Deal(new TranslationOptions { Split = [0.6, 0.2] }, TranslationData.From(s_pairs) with { Test = own });
        Assert.Equal(new PartCounts(160, 40, 1), parts.Counts);
        parts = Deal(new TranslationOptions(), TranslationData.From(s_pairs) with { Test = own, Valid = own });
        Assert.Equal(new PartCounts(200, 1, 1), parts.Counts);
        parts = Deal(new TranslationOptions { Split = [0.6, 0.2] }, TranslationData.From(s_pairs) with { Valid = own });
        Assert.Equal(new PartCounts(160, 1, 40), parts.Counts);          // the share that would validate trains
    }

    [Fact]
    public void A_fold_is_of_whole_sources()
    {
        HashSet<string> seen = [];
        for (int k = 0; k < 5; k++)
        {
            Partition<TranslationPair> parts = Deal(new TranslationOptions { Folds = 5, Fold = $"{k}" });
            Assert.Equal(40, parts.Test.Count);
            Assert.Empty(parts.Test.Select(pair => pair.Source).Intersect(parts.Train.Concat(parts.Valid).Select(pair => pair.Source)));
            Assert.All(parts.Test, pair => Assert.True(k == 0 || !seen.Contains(pair.Source)));
            seen.UnionWith(parts.Test.Select(pair => pair.Source));
        }
        Assert.Equal(50, seen.Count);
        Assert.Contains("expected one of 0, 1, 2, 3, 4",
            Assert.Throws<OptionException>(() => Deal(new TranslationOptions { Folds = 5, Fold = "5" })).Message);
    }

    [Fact]
    public void Records_are_pairs_with_parts_of_their_own()
    {
        var rows = new[] { (En: "a", De: "b", Use: "train"), (En: "c ", De: "d", Use: "test"), (En: "e", De: "f", Use: "valid") };
        Partition<TranslationPair> parts = Deal(new TranslationOptions(), TranslationData.From(rows, row => row.En, row => row.De, row => row.Use));
        Assert.Equal([new("c", "d", "test")], parts.Test);
        Assert.Equal(new PartCounts(1, 1, 1), parts.Counts);
        Assert.Contains("pair 2: expected a target, found an empty one beside 'c'",
            Assert.Throws<UserErrorException>(() => TranslationData.From([("a", "b"), ("c", " ")])).Message);
        Assert.Contains("found none", Assert.Throws<UserErrorException>(() => TranslationData.From([])).Message);
        Assert.Contains("none of 1 pairs is left to train on", Assert.Throws<UserErrorException>(
            () => Deal(new TranslationOptions(), TranslationData.From(rows.Skip(1).Take(1), row => row.En, row => row.De, row => row.Use))).Message);
    }

    [Fact]
    public void What_stands_in_two_parts_is_said_and_a_part_that_is_empty_too()
    {
        List<string> notes = [];
        TranslationPair[] known = [new("s1", "t1"), new("new", "t1")];
        _ = (TranslationData.From(s_pairs) with { Test = known, Valid = known }).Parts(new TranslationOptions(), notes.Add);
        Assert.Contains(notes, note => note.StartsWith("data: 1 of the 2 pairs to test on stand in the training part too", StringComparison.Ordinal));
        notes.Clear();
        _ = TranslationData.From([("a", "b")]).Parts(new TranslationOptions(), notes.Add);
        Assert.Contains(notes, note => note.StartsWith("note: none of the pairs tests", StringComparison.Ordinal));
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

    [Theory, InlineData(TranslationUnit.Word), InlineData(TranslationUnit.Bpe), InlineData(TranslationUnit.Char)]
    public void Text_comes_back_from_its_symbols_as_it_was(TranslationUnit unit)
    {
        string[] texts = ["Hello, world! Hello again; the lowest, the lower, the low.",
            "It's 3.5 euros (about $4) – isn't it?", "низкий ниже 😀x 東京", "a - b -c d- \"e\""];
        TranslationSide side = TranslationSide.Learn(texts, new TranslationOptions { Merges = 12, MinCount = 1 }, unit);
        foreach (string text in texts)
        {
            IReadOnlyList<string> symbols = side.Symbols(text);
            Assert.Equal(text, side.Text(symbols));
            Assert.All(side.Encode(text), symbol => Assert.NotEqual(Vocabulary.Unknown, symbol));
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
    public void Options_come_back_from_their_json_and_old_names_of_them_too()
    {
        TranslationOptions options = new()
        {
            Data = ["a.en", "a.de"], Unit = TranslationUnit.Bpe, TargetUnit = TranslationUnit.Char, ScheduledSampling = 0.25,
            Attention = AttentionScore.General, Lower = true, Direction = ReadingDirection.Forward, Tokens = TokenKind.Spaces,
        };
        string json = TranslationOptions.Table.ToJson(options);
        Assert.Equal(json, TranslationOptions.Table.ToJson(TranslationOptions.Table.FromJson(json, new TranslationOptions(), "x")));
        foreach (string member in (string[])["\"unit\": \"bpe\"", "\"target-unit\": \"char\"", "\"sampling\": 0.25", "\"attention\": \"luong\""])
            Assert.Contains(member, json);
        string old = json.Replace("\"direction\": \"forward\"", "\"one-way\": true");
        Assert.NotEqual(json, old);
        Assert.Equal(json, TranslationOptions.Table.ToJson(TranslationOptions.Table.FromJson(old, new TranslationOptions(), "x")));
    }

    [Fact]
    public void Options_that_the_task_cannot_honor_are_refused_with_the_reason()
    {
        string Wrong(TranslationOptions options) =>
            Assert.Throws<OptionException>(() => TranslationRun.Begin(options, TranslationData.From(s_pairs))).Message;
        Assert.Contains("data: expected one TSV file of pairs or two line-aligned files (source,target), got 3 files",
            Wrong(new TranslationOptions { Data = ["a", "b", "c"] }));
        Assert.Contains("pooling: expected none because the decoder looks at every step",
            Wrong(new TranslationOptions { Pooling = PoolingKind.Mean }));
        Assert.Contains("cell: there is no 'lstn' (did you mean 'lstm'?)", Wrong(new TranslationOptions { Cell = "lstn" }));
        Assert.Contains("nesterov: it is a form of sgd", Wrong(new TranslationOptions { Nesterov = true }));
        Assert.Contains("merges: expected a whole number from 0", Wrong(new TranslationOptions { Merges = -1 }));
        Assert.Contains("did you mean 'word'", Assert.Throws<OptionException>(
            () => TranslationOptions.Table.Parse(new TranslationOptions(), "unit", "words")).Message);
    }

    [Theory]
    [InlineData("English\tFrench", 2)]
    [InlineData("en\tfr", 2)]
    [InlineData("English\tfine", 3)]
    public void A_first_line_that_names_two_languages_is_no_pair(string first, int pairs)
    {
        List<string> notes = [];
        Assert.Equal(pairs, PairReader.Read(["a.tsv"], DataFiles.Of("a.tsv", first + "\nGo\tVa\nHi\tSalut\n").NotingTo(notes.Add)).Count);
        Assert.Equal(pairs == 2, notes.Any(note => note.StartsWith("note: a.tsv, line 1: it names the columns", StringComparison.Ordinal)));
    }

    [Fact]
    public void Numbers_of_lines_before_the_source_are_said()
    {
        List<string> notes = [];
        _ = PairReader.Read(["a.tsv"], DataFiles.Of("a.tsv", "1\tGo\t9\tVa\n2\tHi\t8\tSalut\n").NotingTo(notes.Add));
        Assert.Contains("the source holds whole numbers alone: if they number the lines, leave them out", Assert.Single(notes));
        notes.Clear();
        _ = PairReader.Read(["a.tsv"], DataFiles.Of("a.tsv", "1\tone\n2\ttwo\n").NotingTo(notes.Add));
        Assert.Empty(notes);
    }

    [Fact]
    public void Symbols_that_are_all_unknown_and_lines_with_a_target_to_be_translated_are_said()
    {
        List<string> notes = [];
        TranslationOptions options = new() { Data = ["a.tsv"], Hidden = 4, Embedding = 4, Epochs = 1 };
        DataFiles files = DataFiles.Of("a.tsv", string.Concat(Enumerable.Range(0, 20).Select(i => $"w{i}\tsame word\n")))
            .With("new.tsv", "w1\tsame\nw2\n");
        TranslationRun run = TranslationRun.Begin(options, files, new RunSettings { Note = notes.Add });
        Assert.Contains(notes, note => note.StartsWith("note: none of the words of the sources stands in the training part 2 ",
            StringComparison.Ordinal));
        notes.Clear();
        TranslationTask.Instance.Predict.Ask(run.Model, new TranslationQuestion { Data = ["new.tsv"] }, new TaskCall(files, Note: notes.Add));
        Assert.Contains(notes, note => note.StartsWith("note: new.tsv: 1 of 2 lines hold a TAB and are translated whole", StringComparison.Ordinal));
    }
}
