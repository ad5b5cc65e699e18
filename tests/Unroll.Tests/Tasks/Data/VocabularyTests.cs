using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tests.Tasks.Data;

public sealed class VocabularyTests
{
    private static string[] Symbols(string text, TextUnit unit, bool openEnd = false)
    {
        List<string> all = [];
        TextSymbols symbols = new(text, unit, openEnd);
        while (symbols.Next()) all.Add(symbols.Current.ToString());
        return [.. all];
    }

    [Fact]
    public void A_character_is_a_code_point() => Assert.Equal(["a", " ", "😀", "\n"], Symbols("a 😀\n", TextUnit.Char));

    [Theory]
    [InlineData("the cat\n sat \n", "the|cat|<eos>|sat|<eos>")]
    [InlineData("the cat", "the|cat|<eos>")]
    [InlineData("the\n\ncat\n", "the|<eos>|<eos>|cat|<eos>")]
    [InlineData("\t \n", "<eos>")]
    [InlineData("", "")]
    public void Words_stand_between_blanks_and_each_line_has_an_end(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Symbols(text, TextUnit.Word)));

    [Fact]
    public void An_open_end_goes_on() => Assert.Equal(["the", "cat"], Symbols("the cat", TextUnit.Word, openEnd: true));

    [Fact]
    public void Symbols_are_numbered_by_their_counts_after_the_unknown_one()
    {
        Vocabulary vocabulary = Vocabulary.Of("b a b c b a", TextUnit.Word);
        Assert.Equal(["<unk>", "b", "a", "<eos>", "c"], vocabulary.Symbols);
        Assert.Equal([0, 3, 2, 1, 1], vocabulary.Counts);
        Assert.Equal([1, 0, 3], vocabulary.Encode("b x", TextUnit.Word));
        Assert.Equal(4, vocabulary["c"]);
    }

    [Fact]
    public void Rare_symbols_and_those_beyond_the_limit_are_unknown_and_counted_as_such()
    {
        Assert.Equal(["<unk>", "b", "a"], Vocabulary.Of("b a b c b a", TextUnit.Word, minCount: 2).Symbols);
        Vocabulary three = Vocabulary.Of("b a b c b a", TextUnit.Word, max: 3);
        Assert.Equal(["<unk>", "b", "a"], three.Symbols);
        Assert.Equal([2, 3, 2], three.Counts);
    }

    [Fact]
    public void A_word_that_looks_like_a_symbol_stays_a_word_unless_it_stands_for_unknown_ones()
    {
        Vocabulary vocabulary = Vocabulary.Of("a <unk> a <unk> <unk> <eos>", TextUnit.Word);
        Assert.Equal(["<unk>", @"\<unk>", "a", "<eos>", @"\<eos>"], vocabulary.Symbols);
        Assert.Equal([0, 3, 2, 1, 1], vocabulary.Counts);
        vocabulary = Vocabulary.Of("a <unk> a <unk> <unk>", TextUnit.Word, unknownWord: "<unk>");
        Assert.Equal(["<unk>", "a", "<eos>"], vocabulary.Symbols);
        Assert.Equal([3, 2, 1], vocabulary.Counts);
        Assert.Equal([0, 1, 2], vocabulary.Encode("<unk> a", TextUnit.Word));
    }

    [Fact]
    public void A_vocabulary_of_a_file_must_be_sound()
    {
        string Refused(string[] symbols, long[] counts) => Assert.Throws<UserErrorException>(() => new Vocabulary(symbols, counts)).Message;
        Assert.Contains("expected '<unk>' as the first symbol", Refused(["a"], [1]));
        Assert.Contains("the symbol 'a' stands twice", Refused(["<unk>", "a", "a"], [0, 1, 1]));
        Assert.Contains("a count of at least 0 for each of 2 symbols", Refused(["<unk>", "a"], [1]));
    }

    [Theory, InlineData(TextUnit.Char), InlineData(TextUnit.Word)]
    public void What_was_cut_is_put_together_again(TextUnit unit)
    {
        StringBuilder text = new();
        foreach (string symbol in Symbols("the old\ncat sat\n", unit)) TextSymbols.Append(text, symbol, unit);
        Assert.Equal("the old\ncat sat\n", text.ToString());
    }

    [Fact]
    public void The_generated_text_is_the_same_for_the_same_seed_and_agrees_in_number()
    {
        string text = GrammarText.Generate(200, seed: 5);
        Assert.Equal(text, GrammarText.Generate(200, seed: 5));
        Assert.NotEqual(text, GrammarText.Generate(200, seed: 6));
        Assert.Equal(200, text.Count(c => c == '\n'));
        Assert.All(text.Split('\n')[..^1], line => Assert.True(char.IsUpper(line[0]) && line.EndsWith('.')));
        Assert.DoesNotContain("childs", text);
    }
}
