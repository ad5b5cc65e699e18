using Unroll.Tasks.Data.Text;

namespace Unroll.Tests.Tasks.Data;

public class WordsTests
{
    private static string[] Of(string text) => [.. Words.Of(PlainText.Composed(text), clitics: true).Select(word => word.Text)];

    [Theory]
    [InlineData("see 😀 there", "see|😀|there")]
    [InlineData("𠮷野家 𠀋b", "𠮷野家|𠀋b")]
    [InlineData("❤️👍🏽👨‍👩‍👧🇸🇪🇳🇴1️⃣!", "❤️|👍🏽|👨‍👩‍👧|🇸🇪|🇳🇴|1️⃣|!")]
    [InlineData("שלום, عالم", "שלום|,|عالم")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("a\u200Bb so\u00ADft \u200Eltr\u200F \uFEFFbom \u202Eover\u202C", "a|b|soft|ltr|bom|over")]
    [InlineData("caf\u00E9 cafe\u0301 x\u0302", "café|café|x\u0302")]
    [InlineData("a\u00A0b\u2003c\u2028d\u3000e\u0085f", "a|b|c|d|e|f")]
    [InlineData("don't co-op, it's 3.5 -- 's 'twas ’n’ a_b-c_d", "don't|co-op|,|it's|3|.|5|-|-|'s|'twas|’n|’|a_b-c|_d")]
    [InlineData("", "")]
    [InlineData(" \u200B ", "")]
    public void A_text_is_cut_by_characters_of_Unicode(string text, string expected) =>
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), Of(text));

    [Fact]
    public void Words_know_whether_a_blank_is_before_them() =>
        Assert.Equal([false, true, false, true], Words.Of("a, b!", clitics: false).Select(word => word.Glued));

    [Fact]
    public void Half_a_character_is_a_sign_for_itself() => Assert.Equal(["a", "\uFFFD", "b"], Of("a\uD83Db"));

    [Theory]
    [InlineData("<unk>", @"\<unk>")]
    [InlineData(@"\<unk>", @"\\<unk>")]
    [InlineData("<eos>", @"\<eos>")]
    [InlineData("<s>", "<s>")]
    [InlineData(@"\x", @"\x")]
    [InlineData("", "")]
    public void A_word_that_looks_like_a_symbol_is_marked_and_comes_back(string word, string marked)
    {
        Assert.Equal(marked, OwnSymbols.Marked(word));
        Assert.Equal(word, OwnSymbols.Plain(marked));
    }
}
