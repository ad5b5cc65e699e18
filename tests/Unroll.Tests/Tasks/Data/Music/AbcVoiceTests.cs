using Unroll.Tasks.Data.Music;
using Xunit;
using static Unroll.Tests.Tasks.Data.Music.AbcPlaying;

namespace Unroll.Tests.Tasks.Data.Music;

public class AbcVoiceTests
{
    private const string Together = "60@0+2 72@0+1 74@1+1 62@2+2 76@2+2";

    [Theory]
    [InlineData("V:1\ncd|e2|\nV:2\nC2|D2|")]
    [InlineData("V:1\ncd|\nV:2\nC2|\nV:1\ne2|\nV:2\nD2|")]
    [InlineData("[V:1]cd|e2|\n[V:2]C2|D2|")]
    [InlineData("[V:1]cd|[V:2]C2|[V:1]e2|[V:2]D2|")]
    [InlineData("cd|e2|\nV:2\nC2|D2|")]
    [InlineData("V:low name=\"the low one\" clef=bass\nC2|D2|\nV:high\ncd|e2|")]
    [InlineData("cd&C2|e2&D2|")]
    [InlineData("cd|e2|&&C2|D2|")]
    [InlineData("cd|e2&&C2|D2|")]
    public void Voices_sound_together(string body) => Assert.Equal(Together, Played(body));

    [Theory]
    [InlineData("V:1\nV:2 clef=bass-8\n%%score (1 2)\n", "V:1\nc|\nV:2\nC|", "48@0+1 72@0+1")]
    [InlineData("V:1\nV:2 transpose=-2\n", "V:1\nc|\nV:2\nC|[V:2]D|", "58@0+1 72@0+1 60@1+1")]
    [InlineData("V:1 octave=-1\nV:2\n", "c|\nV:2\nC|", "60@0+1 60@0+1")]
    public void Voices_of_the_header_bring_what_moves_their_pitches(string header, string body, string expected) =>
        Assert.Equal(expected, Played(body, $"{header}{Header}"));

    [Fact]
    public void Fields_before_the_first_voice_are_for_all_and_others_for_their_own() =>
        Assert.Equal("66@0+0.5 78@0+0.5 65@0.5+0.5 78@0.5+0.5", Played("K:G\nL:1/8\nV:1\nff|\nV:2\nF[K:C]F|"));

    [Fact]
    public void Parts_begin_together_in_all_voices() =>
        Assert.Equal("60@0+1 72@0+2 64@2+1 76@2+1 60@3+1 72@3+2", Played("P:A\nV:1\nc2|\nV:2\nC|\nP:B\nV:1\ne|\nV:2\nE|", $"P:ABA\n{Header}"));

    [Theory]
    [InlineData("V:1\nc2|\nV:2\nC|", "t.abc, line 1: the voices of a tune are of different lengths, so that they may not be together.")]
    [InlineData("c2&C|", "t.abc, line 1: the music behind '&' is not as long as the bar that it belongs to.")]
    public void Voices_that_are_not_together_are_said(string body, string note) => Assert.Equal([note], Notes($"X:1\nK:C\n{body}\n"));

    [Fact]
    public void A_voice_that_is_alone_needs_no_name_among_the_tokens() =>
        Assert.Equal(["C", "|"], AbcReader.Read("X:1\nV:1\nK:C\nV:1\nC|\n", "t.abc")[0].Tokens);

    [Theory]
    [InlineData("^F-|F F", "66@0+2 65@2+1")]
    [InlineData("_B-|B-|B B", "70@0+3 71@3+1")]
    [InlineData("[^CE]-|[CE]C", "61@0+2 64@0+2 60@2+1")]
    [InlineData("[^C-E]|[CE]", "61@0+2 64@0+1 64@1+1")]
    [InlineData("^C-|=C", "61@0+1 60@1+1")]
    [InlineData("^F-|[K:G]F", "66@0+2")]
    [InlineData("C-C-|C", "60@0+3")]
    [InlineData("|:C-:|C", "60@0+3")]
    [InlineData("c-|C", "72@0+1 60@1+1")]
    public void Ties_carry_their_accidentals_over_bars(string body, string expected) => Assert.Equal(expected, Played(body));

    [Fact]
    public void Ties_that_join_nothing_are_counted() =>
        Assert.Equal(["t.abc, line 3 and 2 more places: a tie leads to no note of its pitch and joins nothing."],
            Notes("X:1\nK:C\n|:C-D E-E F-:|\nG-|\n"));

    [Theory]
    [InlineData("M:3/4", "C Z2 D", "60@0+1 62@7+1")]
    [InlineData("M:3/4", "C X D", "60@0+1 62@4+1")]
    [InlineData("M:3/4", "C Z,D", "60@0+1 62@4+1")]
    [InlineData("M:C|", "ZD", "62@4+1")]
    [InlineData("M:(2+3)/8", "Z[M:2/4]ZD", "62@4.5+1")]
    public void Bars_of_rest_last_as_long_as_the_meter_says(string meter, string body, string expected) =>
        Assert.Equal(expected, Played(body, $"{meter}\nL:1/4\nK:C\n"));

    [Theory]
    [InlineData("[CE2]D", "60@0+1 64@0+2 62@1+1")]
    [InlineData("[C2E2]/D", "60@0+1 64@0+1 62@1+1")]
    [InlineData("[CC]D", "60@0+1 62@1+1")]
    [InlineData("[\"Am\"C!trill!E]3/2D", "60@0+1.5 64@0+1.5 62@1.5+1")]
    [InlineData("C//D3/ E/4", "60@0+0.25 62@0.25+1.5 64@1.75+0.25")]
    [InlineData("C',c,", "60@0+1 60@1+1")]
    [InlineData("C>>D", "60@0+1.75 62@1.75+0.25")]
    [InlineData("C<<D", "60@0+0.25 62@0.25+1.75")]
    [InlineData("C y3 D y x E", "60@0+1 62@1+1 64@3+1")]
    [InlineData("(3:2:2CD E", "60@0+0.667 62@0.667+0.667 64@1.333+1")]
    [InlineData("(3::2CD E", "60@0+0.667 62@0.667+0.667 64@1.333+1")]
    [InlineData("(5CDEFG", "60@0+0.4 62@0.4+0.4 64@0.8+0.4 65@1.2+0.4 67@1.6+0.4")]
    [InlineData("[M:9/8](5CDEFG", "60@0+0.6 62@0.6+0.6 64@1.2+0.6 65@1.8+0.6 67@2.4+0.6")]
    [InlineData("(11:8:2CD", "60@0+0.727 62@0.727+0.727")]
    public void Lengths_tuplets_and_chords_are_read_in_all_their_forms(string body, string expected) => Assert.Equal(expected, Played(body));
}
