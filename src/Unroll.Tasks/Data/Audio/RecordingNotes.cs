namespace Unroll.Tasks.Data.Audio;

/// <summary>What is said about recordings that are heard together: what their readers doubted, and sounds that say little.</summary>
internal static class RecordingNotes
{
    private const double Full = 0.99, Clipped = 0.02, Silent = 2.0 / 32768, FarBeyond = 8;

    /// <summary>Says it, a line for each kind.</summary>
    /// <param name="sounds">The recordings, each at its own rate.</param>
    /// <param name="features">The windows that the network hears, and their rate.</param>
    /// <param name="note">Receives each line, without <c>note:</c>.</param>
    public static void Say(IEnumerable<Sound> sounds, FeatureOptions features, Action<string> note)
    {
        DoubtTally tally = new();
        foreach (Sound sound in sounds)
        {
            tally.Add(sound.Source, sound.Doubts);
            tally.Add(sound.Source, OfRate(sound.Rate, features.Rate));
            if (sound.Seconds * features.Rate < features.Window - 0.5) tally.Add(sound.Source, OfLength(features));
            tally.Add(sound.Source, OfSamples(sound.Samples));
        }
        foreach (string line in tally.Lines()) note(line);
    }

    private static IEnumerable<Doubt> OfRate(int own, int rate)
    {
        if (own == rate) return [];
        string change = FormattableString.Invariant($"of {own:N0} samples a second, brought to the {rate:N0} that the network hears");
        string lacks = own > rate ? "" : FormattableString.Invariant($": nothing above {own / 2:N0} Hz");
        return [new($"1 recording is {change}{(lacks.Length > 0 ? $"{lacks} is in it" : "")}",
            $"# recordings are {change}{(lacks.Length > 0 ? $"{lacks} is in them" : "")}", 1)];
    }

    private static Doubt OfLength(FeatureOptions features)
    {
        string window = FormattableString.Invariant($"shorter than a window of {features.WindowMs} ms, which silence fills up");
        return new($"1 recording is {window}", $"# recordings are {window}", 1);
    }

    private static IEnumerable<Doubt> OfSamples(ReadOnlySpan<float> samples)
    {
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        foreach (float sample in samples) (least, most) = (Math.Min(least, sample), Math.Max(most, sample));
        if (most - least <= Silent) return [new("1 recording is silent", "# recordings are silent", 1)];
        // A sine of full scale is within a ten-thousandth of its peaks for 1 % of the time.
        float peak = Math.Max(most, -least) * 0.9999f;
        if (peak < Full) return [];
        if (peak > FarBeyond)
            return [new("1 recording goes far beyond full scale (−1 to 1), as if whole numbers were stored as floats",
                "# recordings go far beyond full scale (−1 to 1), as if whole numbers were stored as floats", 1)];
        int full = 0;
        foreach (float sample in samples)
            if (Math.Abs(sample) >= peak) full++;
        return full <= Clipped * samples.Length || full < 4 ? [] :
            [new("1 recording is cut off at full scale in more than 2 % of its samples: it was too loud",
                "# recordings are cut off at full scale in more than 2 % of their samples: they were too loud", 1)];
    }
}
