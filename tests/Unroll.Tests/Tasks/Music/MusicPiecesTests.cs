using Unroll.Core;
using Unroll.Data.Music;
using Unroll.Tasks.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Music;

public sealed class MusicPiecesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-pieces-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MusicOptions Options(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return new MusicOptions { Data = [path], Kind = "roll" };
    }

    [Fact]
    public void The_parts_of_a_file_are_kept_apart_whatever_their_letters()
    {
        MusicPieces pieces = MusicPieces.Read(Options("p.json", """{"Train": [[[60]], [[61]]], "VAL": [[[62]]], "Test": [[[63]]]}"""));
        Assert.Equal([60, 61], pieces.Training.Select(piece => piece.Roll!.Steps[0][0]));
        Assert.Equal([62], pieces.Validation.Select(piece => piece.Roll!.Steps[0][0]));
        Assert.Equal([63], pieces.Test.Select(piece => piece.Roll!.Steps[0][0]));
    }

    [Fact]
    public void A_note_without_end_is_refused_by_its_tune() =>
        Assert.Contains("t.abc, line 1: expected a piece of at most 1,000,000 steps", Assert.Throws<UserErrorException>(
            () => MusicPieces.Read(Options("t.abc", "X:1\nK:C\nA999999999|\n"))).Message);

    [Theory]
    [InlineData]
    [InlineData("M:4/4")]
    public void A_tune_that_ends_in_its_header_can_be_read_again(params string[] symbols) =>
        Assert.Empty(AbcReader.Read(MusicPieces.ToAbc(symbols, "composed"), "t.abc")[0].Tokens);
}
