using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Music;

public class PianoRollTests
{
    [Fact]
    public void A_score_becomes_a_grid_and_a_grid_a_score_with_held_notes()
    {
        Score score = Score.Of([new(60, 0, 2), new(64, 1, 0.5), new(67, 1.5, 0.5), new(72, 2, 0.2)]);
        PianoRoll grid = PianoRoll.Of(score, 2);
        Assert.Equal<int[]>([[60], [60], [60, 64], [60, 67], []], grid.Steps);
        Assert.Equal([new Note(60, 0, 2), new Note(64, 1, 0.5), new Note(67, 1.5, 0.5)], grid.ToScore(2).Notes);
    }

    [Fact]
    public void Parts_pieces_and_rests_are_read()
    {
        var parts = PianoRoll.ReadJson(Encoding.UTF8.GetBytes("""{"train": [[[64, 60, 60], [-1, 62.0], []]], "test": []}"""), "p.json");
        Assert.Equal<int[]>([[60, 64], [62], []], parts["train"][0].Steps);
        Assert.Empty(parts["test"]);
        Assert.Single(PianoRoll.ReadJson("[[[1]]]"u8.ToArray(), "p.json")[""]);
    }

    [Fact]
    public void A_score_without_end_is_refused() =>
        Assert.Throws<UserErrorException>(() => PianoRoll.Of(Score.Of([new(60, 0, double.PositiveInfinity)]), 1));

    [Theory]
    [InlineData("{\"train\": [[[60], [128]]]}",
        "p.json, part 'train', piece 1, step 2: expected a MIDI pitch from 0 to 127, or -1 for a rest, found 128.")]
    [InlineData("{\"train\": [[60]]}", "p.json, part 'train', piece 1, step 1: expected a list, found number.")]
    [InlineData("{\"train\": 3}", "p.json, part 'train', expected a list, found number.")]
    [InlineData("[[[1.5]]]", "p.json, piece 1, step 1: expected a MIDI pitch from 0 to 127, or -1 for a rest, found 1.5.")]
    [InlineData("{\"train\": [], \"Training\": []}", "p.json: the part 'train' stands in it twice")]
    [InlineData("{\"train\": [], \"more\": []}", "p.json: expected the parts train, valid and test, found 'more'.")]
    [InlineData("7", "p.json: expected an object of parts (\"train\": [pieces]) or a list of pieces, found number.")]
    [InlineData("[[[1]]", "p.json, line 1, byte 6: expected JSON")]
    public void What_is_no_piano_roll_is_refused_by_place(string json, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => PianoRoll.ReadJson(Encoding.UTF8.GetBytes(json), "p.json")).Message);
}
