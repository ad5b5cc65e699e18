using Unroll.Tasks.Data.Music;
using Xunit;
using static Unroll.Tests.Tasks.Data.Music.AbcPlaying;

namespace Unroll.Tests.Tasks.Data.Music;

public class AbcRepeatTests
{
    [Theory]
    [InlineData("|:C:|D|", "CCD")]
    [InlineData("C:|D|", "CCD")]
    [InlineData("C::D:|E|", "CCDDE")]
    [InlineData("|:C:||:D:|E|", "CCDDE")]
    [InlineData("C:|:D:|E|", "CCDDE")]
    [InlineData("|::C::|D|", "CCCD")]
    [InlineData("|:::C:::|D|", "CCCCD")]
    [InlineData("[|:C:|]D|", "CCD")]
    [InlineData("C|D||E|F:|G|", "CDEFEFG")]
    [InlineData("C|D|]E:|", "CDEE")]
    [InlineData("C[|D:|", "CDD")]
    [InlineData("|:C||D:|E|", "CDCDE")]
    [InlineData("C:|D:|E", "CCDDE")]
    [InlineData("C.|D[|]E:|", "CDECDE")]
    public void Repeats_are_played_out(string body, string expected) => Assert.Equal(expected, Letters(body));

    [Theory]
    [InlineData("|:C|1D:|2E|]F|", "CDCEF")]
    [InlineData("|:C|[1D:|[2E||F|", "CDCEF")]
    [InlineData("|:C|[1D:|F|", "CDCF")]
    [InlineData("|:C|1D:|2E:|3F|]G|", "CDCECFG")]
    [InlineData("|:C|1,3D:|2E:|F|", "CDCECDF")]
    [InlineData("|:C|[1,3D:|[2E:||F|", "CDCECDF")]
    [InlineData("|:C|[1-3D:|[4E||F|", "CDCDCDCEF")]
    [InlineData("|:C|1-2D:|3E|F||", "CDCDCEF")]
    [InlineData("|:C|[1,3,5-6D:|[2,4E:|]F|", "CDCECDCECDCDF")]
    [InlineData("|:C|[1D:|[2E:|:G|[1A:|[2B|]", "CDCEGAGB")]
    [InlineData("|:C|[1D||E:|[2F|]", "CDECF")]
    [InlineData("|:C|[1D:|[2E||\n|:F|[1G:|[2A||", "CDCEFGFA")]
    [InlineData("|:C|[1 D :| [2 E |] F |", "CDCEF")]
    [InlineData("|::C|1D::|2E::|3F|]", "CDCECF")]
    public void Each_ending_is_played_in_its_pass(string body, string expected) => Assert.Equal(expected, Letters(body));

    [Theory]
    [InlineData("|:C|[1D|[2E|]", "CDCE", "an ending follows another without ':|' between them, and is read as if it stood there")]
    [InlineData("|:C|[1D:|[3E|]", "CDCE", "there is no ending 2, and that pass is left out")]
    [InlineData("C:|[2D|]", "CCD", "an ending has no first one before it and is played in every pass")]
    [InlineData("|::C:|D|", "CCCD", "a repeat begins and ends with different numbers of dots, and is played by the greater one")]
    [InlineData("C||D:|", "CDD", "a repeat without '|:' goes back to the double bar before it")]
    public void What_repeats_leave_open_is_decided_and_said(string body, string expected, string note)
    {
        Assert.Equal(expected, Letters(body));
        Assert.Equal([$"t.abc, line 4: {note}."], Notes($"X:1\nL:1/4\nK:C\n{body}\n"));
    }

    [Theory]
    [InlineData("AABB", "P:A\nC|D|\nP:B\nE|F|", "CDCDEFEF")]
    [InlineData("A2.(BA)2", "P:A\nC|\nP:B\nE|", "CCECEC")]
    [InlineData("ABA", "P:A\nK:G\nF/ F/ G|\nP:B\nK:C\nF|", "??GF??G")]
    [InlineData("AB", "P:A\nC:|\nP:B\nE:|", "CCEE")]
    [InlineData("BA", "[P:A]C|[P:B]E|", "EC")]
    [InlineData("A4", "P:A\nC|[1D:|[2E:|[3F:|[4G|]", "CDCECFCG")]
    [InlineData("ABA", "P:A\nC|[1D||[2E||\nP:B\nG|", "CDGCE")]
    public void Parts_are_played_in_the_order_of_the_header(string order, string body, string expected) =>
        Assert.Equal(expected, Letters(body, $"P:{order}\n{Header}"));

    [Fact]
    public void Parts_without_an_order_stand_as_they_are_written() => Assert.Equal("CDE", Letters("P:A\nC|D|\nP:B\nE|"));

    [Theory]
    [InlineData("P:A-B", "P:A\nC|", "the order of parts in P: is not understood, and they are played as they stand")]
    [InlineData("P:AB", "C|", "P: gives an order of parts and none is marked, and the tune is played as it stands")]
    [InlineData("P:AC", "P:A\nC|", "a part in the order P: is not marked in the tune and is left out")]
    [InlineData("P:A", "P:A\nC|\nP:B\nD|", "a part is marked and is not in the order P:, so that it is not played")]
    public void An_order_that_does_not_fit_is_said(string order, string body, string note) =>
        Assert.Equal([$"t.abc, line 1: {note}."], Notes($"X:1\n{order}\nK:C\n{body}\n"));

    [Theory]
    [InlineData("P:((((A99)99)99)99)99", "P:A\nC|", "the order of parts P: plays more than 10,000 parts; shorten it")]
    [InlineData("P:A9999", "P:A\n|::::::::::::::::::::::::::::::::::::::::CDEFGABcdefgab:|", "the tune plays more than 1,000,000 notes and signs")]
    public void Repeats_of_repeats_end(string order, string body, string refused) =>
        Assert.StartsWith($"t.abc, line 1: {refused}", Refused(() => AbcPlayer.ToScore(AbcReader.Read($"X:1\n{order}\nK:C\n{body}\n", "t.abc")[0])));
}
