using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Music;

/// <summary>What a grid takes from notes is counted, and the grid that keeps them is named.</summary>
public class RollGridTests
{
    private static byte[] Midi(params Note[] notes) => MidiWriter.Write(Score.Of(notes));

    private static Note[] Every(double length, double each, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Note(60 + i % 12, i * each, length))];

    private static List<string> Said(int stepsPerQuarter, params Note[] notes)
    {
        List<string> said = [];
        DataFiles files = DataFiles.Disk.With("a.mid", Midi(notes)).NotingTo(said.Add);
        MusicPiece[] pieces = [.. MusicData.Open("a.mid", MusicKind.Roll, new MusicOptions { StepsPerQuarter = stepsPerQuarter }, files)];
        Assert.Single(pieces);
        return said;
    }

    [Theory]
    [InlineData(0.25, 0.25, 4)]                                          // sixteenths
    [InlineData(0.2, 1, 4)]                                              // four fifths of a sixteenth on each beat
    [InlineData(0.4, 1, 2)]
    [InlineData(1 / 3.0, 1 / 3.0, 3)]                                    // triplets
    [InlineData(0.125, 0.25, 8)]
    public void Notes_too_short_for_the_grid_are_counted_with_the_grid_that_keeps_them(double length, double each, int grid)
    {
        List<string> said = Said(1, [.. Every(length, each, 32), new Note(50, 0, 8)]);
        Assert.Contains("note: a.mid: 32 of 33 notes sound for less than half of a step and are lost on the grid of 1 step of a quarter note; " +
            $"training with steps-per-quarter {grid} keeps them", said);
        Assert.DoesNotContain(Said(grid, [.. Every(length, each, 32), new Note(50, 0, 8)]), line => line.Contains("are lost"));
    }

    [Fact]
    public void A_finer_grid_for_a_few_is_named_beside_the_one_for_most() => Assert.Contains(
        Said(1, [.. Every(0.25, 0.25, 40), new Note(90, 3, 1 / 48.0)]),
        line => line.EndsWith("training with steps-per-quarter 4 keeps 40 of them, steps-per-quarter 48 all", StringComparison.Ordinal));

    [Fact]
    public void What_else_a_roll_does_not_keep_is_counted()
    {
        List<string> said = Said(2,
            new(60, 0, 1), new(60, 1, 1, 30), new Note(64, 0, 1.4), new Note(10, 0, 2), new Note(109, 1, 0.5));
        Assert.Equal(
        [
            "note: a.mid: in # steps pitches that no key of a piano has (21 to 108) are left out".Replace("#", "4"),
            "note: a.mid: 1 note that is struck again without a rest is one with the note before it",
            "note: a.mid: a roll keeps how loud its steps are, not each note",
        ], said);
        Assert.Contains("note: a.mid: on the grid 1 note begins or ends more than a quarter of a step from where it did",
            Said(1, new Note(60, 0, 1.4)));
        PianoRoll roll = PianoRoll.Of(Score.Of([new(60, 0, 4), new(60, 1, 1), new(60, 2, 4)]), 1);
        Assert.Equal((3, 2, 0, 0), (roll.Losses!.Notes, roll.Losses.Shared, roll.Losses.Joined, roll.Losses.Lost));
        Assert.Equal(Enumerable.Repeat(60, 6), roll.Steps.SelectMany(step => step));
    }

    [Fact]
    public void Pieces_without_notes_are_left_out_with_a_word()
    {
        List<string> said = [];
        DataFiles files = DataFiles.Disk.With("drums.mid", Midi()).With("a.mid", Midi(new Note(60, 0, 1)))
            .With("b.json", "[[], [[60]]]").NotingTo(said.Add);
        MusicData data = MusicData.Read(new MusicOptions { Data = ["drums.mid", "a.mid", "b.json"] }, files);
        Assert.Equal(["a.mid", "b.json, piece 2"], data.Pieces.Select(piece => piece.Name));
        Assert.Equal("note: drums.mid and another: 2 pieces have no notes and are left out", Assert.Single(said));
        Assert.Equal("drums.mid: expected pieces with notes, found none (percussion does not count); give other files.",
            Assert.Throws<UserErrorException>(() =>
                MusicData.Read(new MusicOptions { Data = ["a.mid"], Valid = ["drums.mid"] }, files)).Message);
    }

    [Fact]
    public void Many_files_are_one_line_and_only_silence_is_refused()
    {
        List<string> said = [];
        DataFiles files = DataFiles.Disk.With("a.mid", Midi(Every(0.25, 0.25, 64))).With("b.mid", Midi(Every(0.25, 0.25, 64)))
            .With("c.mid", Midi(new Note(60, 0, 1), new Note(62, 1, 1)));
        MusicOptions options = new() { Data = ["a.mid", "b.mid", "c.mid"] };
        MusicData.Read(options, files.NotingTo(said.Add));
        Assert.Equal("note: a.mid and another: 128 of 130 notes sound for less than half of a step and are lost on the grid of 1 step of a quarter " +
            "note; training with steps-per-quarter 4 keeps them", Assert.Single(said));
        Assert.Equal("a.mid and another: 128 of 128 notes sound for less than half of a step and are lost on the grid of 1 step of a quarter note; " +
            "training with steps-per-quarter 4 keeps them: nothing but silence is left.", Assert.Throws<UserErrorException>(() =>
            MusicData.Read(options with { Data = ["a.mid", "b.mid"] }, files)).Message);
        Assert.Contains("found silence alone in the training part", Assert.Throws<UserErrorException>(() =>
            MusicRun.Begin(new MusicOptions { Split = [1, 0] }, MusicData.Rolls([new PianoRoll([[], [110]])]))).Message);
    }

    [Fact]
    public void Pitches_that_transposing_moves_beyond_the_keys_are_counted()
    {
        List<string> said = [];
        MusicOptions options = new() { Split = [1, 0], Hidden = 4, Transpose = 3, Keys = MusicKeys.Independent };
        MusicRun.Begin(options, MusicData.Rolls([new PianoRoll([[23], [60, 106], [24, 105]])]),
            new Unroll.Tasks.Shared.RunSettings { Note = said.Add });
        Assert.Contains(said, line =>
            line.StartsWith("note: 2 of 5 pitches in steps are so near to the ends of the keyboard", StringComparison.Ordinal));
    }

    [Fact]
    public void Pitches_that_a_step_names_twice_are_counted()
    {
        List<string> said = [];
        MusicData.Read(new MusicOptions { Data = ["p.json"] }, DataFiles.Disk.With("p.json", "[[[60, 60], [61, 61, 61]]]").NotingTo(said.Add));
        Assert.Equal("note: p.json: 3 pitches stand in their step already; they count once", Assert.Single(said));
    }

    [Fact]
    public void Notes_that_last_too_long_are_refused_before_memory_is_taken()
    {
        Note[] notes = [.. Enumerable.Range(0, 128).Select(pitch => new Note(pitch, 0, 400_000))];
        string refused = Assert.Throws<UserErrorException>(() => PianoRoll.Of(Score.Of(notes), 1)).Message;
        Assert.StartsWith("score: expected at most 16,000,000 pitches in all steps together", refused);
        Assert.Contains("expected a piece of at most 500,000 steps", Assert.Throws<UserErrorException>(() =>
            PianoRoll.Of(Score.Of([new(60, 0, 500_001)]), 1)).Message);
        Note[] many = [.. Enumerable.Range(0, 100_000).Select(i => new Note(60, i, 400_000 - i))];
        Assert.Equal(400_000, PianoRoll.Of(Score.Of(many), 1).Steps.Count);
    }
}
