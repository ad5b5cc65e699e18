using Unroll.Core;
using Unroll.Tasks.Data;

namespace Unroll.Tests.Tasks.Data;

public sealed class NearEqualTests
{
    [Theory]
    [InlineData("North", "north", "case")]
    [InlineData("New York", "New  York", "blanks")]
    [InlineData("New York", "New\u00A0York", "blanks")]
    [InlineData("New York", "New\u202FYork ", "blanks")]
    [InlineData("kind", "k\u200Bind", "blanks")]
    [InlineData("caf\u00E9", "cafe\u0301", "Unicode form")]
    [InlineData("\uAC01", "\u1100\u1161\u11A8", "Unicode form")]
    [InlineData("1", "1.0", "the form of a number")]
    [InlineData("1", "01", "the form of a number")]
    [InlineData("New York", "newyork", "case and blanks")]
    public void Names_that_a_person_takes_for_one_are_a_pair(string one, string other, string difference) =>
        Assert.Equal([new NearEqual(one, other, difference)], NearEqual.Pairs([one, "else", other, one]));

    [Theory]
    [InlineData("a", "b")]
    [InlineData("1", "-1")]
    [InlineData("1", "1.01")]
    [InlineData("\U0001F468\u200D\U0001F467", "\U0001F468\U0001F467")]
    [InlineData("e", "\u00E9")]
    public void Names_that_differ_are_none(string one, string other) => Assert.Empty(NearEqual.Pairs([one, other]));

    [Fact]
    public void A_note_names_the_first_pair_and_counts_all()
    {
        Assert.Null(NearEqual.Note("t.csv", "groups", ["a", "b"]));
        Assert.Equal("t.csv: the groups 'a' and 'A' differ in case alone and are taken for two (2 such pairs in all); write them alike if they " +
            "are one.",
            NearEqual.Note("t.csv", "groups", ["a", "A", "x y", "x\u00A0y"]));
        Assert.Contains("'x y' and 'x<U+00A0>y' differ in blanks", NearEqual.Note("t.csv", "groups", ["x y", "x\u00A0y"]));
    }

    // Figures of UAX #15 and of Python's unicodedata.
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("d\u0307\u0323", "\u1E0D\u0307")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u01D5", "\u01D5")]
    [InlineData("U\u0308\u0304", "\u01D5")]
    [InlineData("\u0041\u030A\u0301", "\u01FA")]
    [InlineData("\uD800", "\uD800")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    public void The_composed_form_is_that_of_Unicode(string text, string expected) => Assert.Equal(expected, Nfc.Of(text));
}
