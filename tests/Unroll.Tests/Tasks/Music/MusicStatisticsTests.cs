using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Music;

public sealed class MusicStatisticsTests
{
    private static PianoRoll Voices(params int[][] steps) =>
        new([.. steps.Select(step => (int[])[.. step.Where(pitch => pitch >= 0).Distinct().Order()])]) { Voices = steps };

    [Theory]
    [InlineData(1, 0, new[] { 67, 60 }, new[] { 69, 62 })]               // a fifth, up to a fifth
    [InlineData(0, 1, new[] { 72, 60 }, new[] { 74, 62 })]
    [InlineData(0, 1, new[] { 60, 60 }, new[] { 62, 62 })]               // a unison
    [InlineData(1, 0, new[] { 79, 60 }, new[] { 77, 58 })]               // a twelfth
    [InlineData(0, 0, new[] { 67, 60 }, new[] { 67, 60 })]               // nothing moves
    [InlineData(0, 0, new[] { 67, 60 }, new[] { 79, 60 })]               // one voice moves
    [InlineData(0, 0, new[] { 67, 60 }, new[] { 62, 67 })]               // against each other
    [InlineData(0, 0, new[] { 67, -1 }, new[] { 69, 62 })]
    [InlineData(1, 0, new[] { 67, 64, 60 }, new[] { 69, 65, 62 })]       // between the outer ones
    public void Parallels_are_counted_between_all_pairs_of_voices(int fifths, int octaves, int[] before, int[] now)
    {
        MusicStatistics counted = MusicStatistics.Of([Voices(before, now)], 1);
        if (counted.Changes == 0) Assert.True(double.IsNaN(counted.Fifths));
        else Assert.Equal((100.0 * fifths, 100.0 * octaves), (counted.Fifths, counted.Octaves));
        int[][] sets = [.. new[] { before, now }.Select(step => (int[])[.. step.Where(pitch => pitch >= 0).Distinct().Order()])];
        if (sets[0].Length == before.Length && sets[1].Length == now.Length && counted.Changes > 0)
            Assert.Equal(counted.Fifths, MusicStatistics.Of([new PianoRoll(sets)], 1).Fifths);
    }

    [Fact]
    public void Crossings_full_steps_and_bars_that_come_again_are_counted()
    {
        int[] a = [72, 64, 60], b = [64, 67, 60], c = [72, 72, 60];
        MusicStatistics counted = MusicStatistics.Of([Voices(a, b, a, c, a, b, a, c, b)], 1);
        Assert.Equal(3 / 9.0, counted.Crossings!.Value, 1e-12);
        Assert.Equal(1, counted.ThreeOrFour);
        Assert.Equal(0.5, counted.RepeatedBars);                         // the second of two; the ninth step is no bar
        Assert.Equal(8, counted.Changes);
        Assert.Null(MusicStatistics.Of([new PianoRoll([a, b])], 1).Crossings);
        Assert.Equal(0, MusicStatistics.Of([], 1).Steps);
    }

    [Fact]
    public void Tempo_and_loudness_go_through_a_roll_and_a_note_is_as_loud_as_its_step()
    {
        Score score = Score.Of([new Note(60, 0, 2, 100), new Note(64, 0, 1, 50), new Note(62, 2, 1, 30)]) with { QuartersPerMinute = 66 };
        PianoRoll roll = PianoRoll.Of(score, 1);
        Assert.Equal([75, 75, 30], roll.Loudness!);
        Score again = MidiReader.Read(MidiWriter.Write(roll.ToScore(1)), "s.mid");
        Assert.Equal(66, again.QuartersPerMinute, 0.01);
        Assert.Equal([75, 75, 30], again.Notes.Select(note => note.Velocity));
    }

    [Fact]
    public void Two_voices_on_one_key_and_a_voice_that_goes_on_are_notes_of_their_own()
    {
        Score score = Voices([60, 60], [60, 55], [62, 55]).ToScore(1);
        Assert.Equal([(55, 1.0, 2.0), (60, 0.0, 1.0), (60, 0.0, 2.0), (62, 2.0, 1.0)],
            score.Notes.Select(note => (note.Pitch, note.Start, note.Duration)).Order());
    }
}
