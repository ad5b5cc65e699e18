using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;
using Xunit;

namespace Unroll.Tests.Tasks.Music;

public sealed class MusicDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-pieces-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MusicOptions Options(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return new MusicOptions { Data = [path], Kind = MusicKind.Roll };
    }

    [Fact]
    public void The_parts_of_a_file_are_kept_apart_whatever_their_letters()
    {
        MusicOptions options = Options("p.json", """{"Train": [[[60]], [[61]]], "VAL": [[[62]]], "Test": [[[63]]]}""");
        Partition<MusicPiece> pieces = MusicData.Read(options, DataFiles.Disk).Parts(options, null);
        Assert.Equal([60, 61], pieces.Train.Select(piece => piece.Roll!.Steps[0][0]));
        Assert.Equal([62], pieces.Valid.Select(piece => piece.Roll!.Steps[0][0]));
        Assert.Equal([63], pieces.Test.Select(piece => piece.Roll!.Steps[0][0]));
    }

    [Fact]
    public void A_note_without_end_is_refused_by_its_tune() =>
        Assert.Contains("t.abc, line 1: expected a piece of at most 500,000 steps", Assert.Throws<UserErrorException>(
            () => MusicData.Read(Options("t.abc", "X:1\nK:C\nA999999999|\n"), DataFiles.Disk)).Message);

    [Theory]
    [InlineData("1/4")]
    [InlineData("1/8")]
    [InlineData("1/2")]
    [InlineData("1/1")]
    [InlineData("1/32")]
    [InlineData("3/16")]
    public void The_unit_of_a_tune_is_written_as_it_was_read(string unit)
    {
        AbcTune tune = AbcReader.Read($"X:1\nM:4/4\nL:{unit}\nK:C\nAB|\n", "t.abc")[0];
        IReadOnlyList<string> symbols = MusicData.SymbolsOf(tune, chords: false);
        Assert.Equal($"L:{unit}", symbols[1]);
        Assert.Equal(tune.Unit, AbcReader.Read(MusicData.ToAbc(symbols, "again"), "t.abc")[0].Unit);
    }

    [Theory]
    [InlineData]
    [InlineData("M:4/4")]
    public void A_tune_that_ends_in_its_header_can_be_read_again(params string[] symbols) =>
        Assert.Empty(AbcReader.Read(MusicData.ToAbc(symbols, "composed"), "t.abc")[0].Tokens);
}
