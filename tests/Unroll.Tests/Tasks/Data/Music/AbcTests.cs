using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Music;

public class AbcTests
{
    private static AbcTune Tune(string body, string header = "M:4/4\nL:1/4\nK:C\n") => AbcReader.Read($"X:1\nT:A\n{header}{body}\n", "t.abc")[0];

    private static string Played(string body, string header = "M:4/4\nL:1/4\nK:C\n") =>
        string.Join(' ', AbcPlayer.ToScore(Tune(body, header)).Notes.Select(n => FormattableString.Invariant(
            $"{n.Pitch}@{n.Start:0.###}+{n.Duration:0.###}")));

    [Fact]
    public void Tunes_of_a_file_are_told_apart_and_keep_their_lines()
    {
        IReadOnlyList<AbcTune> tunes =
            AbcReader.Read("file text\n\nX: 4\nT:One % a name\nM:6/8\nQ:3/8=60\nK:D\nABc|\n% more\nd3\n\nX:5\nM:2/4\nK:G\nG\n", "t.abc");
        Assert.Equal(["One", ""], tunes.Select(t => t.Title));
        Assert.Equal(["4", "5"], tunes.Select(t => t.Number));
        Assert.Equal([3, 12], tunes.Select(t => t.Line));
        Assert.Equal(["A", "B", "c", "|", "d3"], tunes[0].Tokens);
        Assert.Equal(1 / 8.0, tunes[0].Unit);
        Assert.Equal(1 / 16.0, tunes[1].Unit);
        Assert.Equal(90, tunes[0].QuartersPerMinute);
    }

    [Fact]
    public void A_chord_that_is_never_closed_is_read_in_no_time() =>
        Assert.Equal(40, Tune("[" + string.Concat(Enumerable.Repeat("A11", 40))).Tokens.Count);

    [Fact]
    public void Music_is_split_into_its_tokens() =>
        Assert.Equal(
            ["|:", "\"Am7\"", "^c'2", "(3", "A", "B", "c", "[CEG]2", "=B,,/2", ">", "z", "-", ":|2", "[1", "(", "d", ")", "~", "[K:Em]", "||:", "|]",
                "{ag}", "e3/2"],
            Tune("|:\"Am7\"^c'2 (3ABc [CEG]2=B,,/2>z-:|2 [1(d)~[K:Em]||: |]{ag}e3/2").Tokens);

    [Theory]
    [InlineData("C D2 E/ F// G3/2", "60@0+1 62@1+2 64@3+0.5 65@3.5+0.25 67@3.75+1.5")]
    [InlineData("C,c c'", "48@0+1 72@1+1 84@2+1")]
    [InlineData("^F F|F", "66@0+1 66@1+1 65@2+1")]
    [InlineData("_B,^^C=B", "58@0+1 62@1+1 71@2+1")]
    [InlineData("A>B c<d", "69@0+1.5 71@1.5+0.5 72@2+0.5 74@2.5+1.5")]
    [InlineData("A-A|A", "69@0+2 69@2+1")]
    [InlineData("(3CDE F", "60@0+0.667 62@0.667+0.667 64@1.333+0.667 65@2+1")]
    [InlineData("[CE]2z G", "60@0+2 64@0+2 67@3+1")]
    [InlineData("|:C:|D|", "60@0+1 60@1+1 62@2+1")]
    [InlineData("|:C|[1D:|[2E|F", "60@0+1 62@1+1 60@2+1 64@3+1 65@4+1")]
    [InlineData("|C:|:D:|", "60@0+1 60@1+1 62@2+1 62@3+1")]
    public void A_line_is_played(string body, string expected) => Assert.Equal(expected, Played(body));

    [Theory]
    [InlineData("D", "62 64 66 67 69 71 73")]
    [InlineData("Em", "64 66 67 69 71 72 74")]
    [InlineData("Bb", "70 72 74 75 77 79 81")]
    [InlineData("A dorian", "69 71 72 74 76 78 79")]
    [InlineData("F#", "66 68 70 71 73 75 77")]
    public void A_key_gives_its_scale(string key, string expected)
    {
        string letters = "CDEFGABcdefgab"[("CDEFGAB".IndexOf(key[0]))..][..7];
        Assert.Equal(expected, string.Join(' ', AbcPlayer.ToScore(Tune(letters, $"L:1/4\nK:{key}\n")).Notes.Select(n => n.Pitch)));
    }

    [Theory]
    [InlineData("nothing", "t.abc: expected tunes in ABC notation")]
    [InlineData("X:1\nT:A\nABC\n", "t.abc, line 3: expected fields such as T: and M:, then K: before the music, found 'ABC'.")]
    [InlineData("X:1\nT:A\n\n", "t.abc, line 1: the tune has no key")]
    [InlineData("X:1\nL:one\nK:C\n", "t.abc, line 2: expected a length such as L:1/8, found 'one'.")]
    [InlineData("X:1\nK:C\nAB ?\n", "t.abc, line 3, character 4: '?' is no ABC music here")]
    public void What_is_no_tune_is_refused_by_line(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => AbcReader.Read(text, "t.abc")).Message);
}
