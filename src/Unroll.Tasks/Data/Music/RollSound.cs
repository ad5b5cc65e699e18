namespace Unroll.Tasks.Data.Music;

/// <summary>Tempo and loudness of rolls.</summary>
/// <param name="QuartersPerMinute">The tempo.</param>
/// <param name="Loudness">1 … 127.</param>
internal sealed record RollSound(double QuartersPerMinute = 120, int Loudness = 80)
{
    /// <summary>The mean of pieces that say how loud they are; where none does, that of <see cref="Note"/>.</summary>
    /// <param name="rolls">Pieces.</param>
    public static RollSound Of(IEnumerable<PianoRoll> rolls)
    {
        PianoRoll[] known = [.. rolls.Where(roll => roll.Loudness is { Count: > 0 })];
        return known.Length == 0 ? new RollSound() : new RollSound(Math.Round(known.Average(roll => roll.QuartersPerMinute), 1),
            (int)Math.Round(known.Average(roll => roll.Loudness!.Average())));
    }

    /// <summary>How loud the notes are that begin in each step, in the mean; where none begins, as before.</summary>
    public static int[] LoudnessOf(Score score, int stepsPerQuarter, int steps)
    {
        (long Sum, int Count)[] begun = new (long, int)[steps];
        foreach (Note note in score.Notes)
            if (Math.Round(note.Start * stepsPerQuarter) is var step && step < steps)
                begun[(int)step] = (begun[(int)step].Sum + note.Velocity, begun[(int)step].Count + 1);
        int[] loudness = new int[steps];
        int last = begun.FirstOrDefault(one => one.Count > 0) is { Count: > 0 } first ? Mean(first) : 80;
        for (int t = 0; t < steps; t++) loudness[t] = last = begun[t].Count > 0 ? Mean(begun[t]) : last;
        return loudness;

        static int Mean((long Sum, int Count) of) => Math.Clamp((int)Math.Round(of.Sum / (double)of.Count), 1, 127);
    }
}
