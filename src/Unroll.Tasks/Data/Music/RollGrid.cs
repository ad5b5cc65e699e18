using Unroll.Core;

namespace Unroll.Tasks.Data.Music;

/// <summary>What a grid does not keep of the notes that were laid on it.</summary>
/// <param name="Notes">The notes there were.</param>
/// <param name="Lost">Notes that sound for less than half of every step, so that nothing is left of them.</param>
/// <param name="LostButKept">For each of <see cref="RollGrid.Finer"/>, how many of the lost ones it would keep.</param>
/// <param name="Joined">Notes that are struck again without a step of rest before, so that one long note is left.</param>
/// <param name="Shared">Notes that sound together with another of their pitch.</param>
/// <param name="Moved">Notes whose begin or end is moved by more than a quarter of a step.</param>
/// <param name="Loudness">Whether the notes are not all equally loud.</param>
internal sealed record RollLosses(int Notes, int Lost, long[] LostButKept, int Joined, int Shared, int Moved, bool Loudness);

/// <summary>Lays notes on a grid.</summary>
internal static class RollGrid
{
    private const int Pitches = 128;
    private const int MaxSounding = 16_000_000;                          // pitches of all steps together, 4 bytes each
    private const double Rounding = 1e-9;

    /// <summary>Steps of a quarter note that are worth offering.</summary>
    public static IReadOnlyList<int> Finer { get; } = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96];

    /// <summary>The pitches of each step: those that sound for at least half of it.</summary>
    /// <param name="score">Of at most <see cref="PianoRoll.MaxSteps"/> steps.</param>
    /// <param name="stepsPerQuarter">Steps of a quarter note.</param>
    /// <exception cref="UserErrorException">So many pitches sound for so long that they would take too much memory.</exception>
    public static (int[][] Steps, RollLosses Losses) Lay(Score score, int stepsPerQuarter)
    {
        int count = (int)Math.Ceiling(Math.Round(score.Length * stepsPerQuarter, 6));
        UInt128[] keys = new UInt128[count];
        int[] until = new int[Pitches];                                  // of each pitch: the steps from here on are free
        int lost = 0, joined = 0, shared = 0, moved = 0;
        long cells = 0;
        long[] kept = new long[Finer.Count];
        foreach (Note note in score.Notes)
        {
            (int from, int to) = Steps(note, stepsPerQuarter, count);
            if (from >= to)
            {
                lost++;
                for (int i = 0; i < kept.Length; i++)
                    if (Keeps(Finer[i], note)) kept[i]++;
                continue;
            }
            if (Math.Abs(from - note.Start * stepsPerQuarter) > 0.25 || Math.Abs(to - note.End * stepsPerQuarter) > 0.25) moved++;
            if (from < until[note.Pitch]) shared++;
            else if (from == until[note.Pitch] && from > 0) joined++;
            // Notes come in the order of their starts, so that what is taken of a pitch is taken up to some step.
            from = Math.Max(from, until[note.Pitch]);
            if (to <= from) continue;
            if ((cells += to - from) > MaxSounding)
                throw new UserErrorException(FormattableString.Invariant($"expected at most {MaxSounding:N0} pitches in all steps together, found ") +
                    FormattableString.Invariant($"more in {count:N0} steps; lengths in it are wrong, or the steps too short (steps-per-quarter)"));
            for (int t = from; t < to; t++) keys[t] |= UInt128.One << note.Pitch;
            until[note.Pitch] = to;
        }
        bool loudness = score.Notes.Select(note => note.Velocity).Distinct().Take(2).Count() > 1;
        return ([.. keys.Select(Of)], new RollLosses(score.Notes.Count, lost, kept, joined, shared, moved, loudness));
    }

    // The steps of which a note sounds at least the half; none where the first is not before the last.
    private static (int From, int To) Steps(Note note, int stepsPerQuarter, int count)
    {
        double start = note.Start * stepsPerQuarter, end = note.End * stepsPerQuarter;
        int from = (int)start, to = (int)Math.Min(count, Math.Ceiling(end));
        while (from < to && !Half(from)) from++;
        while (to > from && !Half(to - 1)) to--;
        return (from, to);

        bool Half(int t) => Math.Min(t + 1, end) - Math.Max(t, start) >= 0.5 - Rounding;
    }

    // A finer grid is offered for a note that fills most of a step of it: what is half as long would share its step with the next note.
    private static bool Keeps(int stepsPerQuarter, Note note) => note.Duration * stepsPerQuarter >= 0.8 - Rounding
        && Steps(note, stepsPerQuarter, int.MaxValue) is var (from, to) && from < to;

    private static int[] Of(UInt128 keys)
    {
        int[] pitches = new int[(int)UInt128.PopCount(keys)];
        for (int i = 0, pitch = 0; i < pitches.Length; pitch++)
            if ((keys >> pitch & UInt128.One) != 0) pitches[i++] = pitch;
        return pitches;
    }
}
