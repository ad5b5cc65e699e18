namespace Unroll.Tasks.Data.Audio;

/// <summary>A recording: one channel of samples, evenly spaced in time.</summary>
/// <param name="Samples">Full scale is −1 … 1; files of floats may go beyond.</param>
/// <param name="Rate">Samples a second, at least 1.</param>
/// <param name="Source">What errors call it: the file's path, or "standard input".</param>
public sealed record Sound(float[] Samples, int Rate, string Source)
{
    /// <summary>What its reader left out, filled in or doubted.</summary>
    internal IReadOnlyList<Doubt> Doubts { get; init; } = [];

    /// <summary>How long it lasts.</summary>
    public double Seconds => (double)Samples.Length / Rate;

    /// <summary>The same sound at another rate; itself where that is its own.</summary>
    /// <param name="rate">Samples a second; see <see cref="SincResampler"/> for what is possible.</param>
    /// <exception cref="Core.UserErrorException">The two rates do not go together, or a sample is not finite.</exception>
    public Sound At(int rate)
    {
        RequireFinite(Samples, Source);
        if (Math.Max(rate, Rate) > SincResampler.MostChange * (long)Math.Min(rate, Rate))
            throw new Core.UserErrorException(FormattableString.Invariant($"{Source}: expected a rate of at most {SincResampler.MostChange} times ") +
                FormattableString.Invariant($"more or less than the network's {rate:N0} samples a second, found {Rate:N0}; the file ") +
                "may be damaged.");
        return rate == Rate ? this : this with { Samples = SincResampler.Resample(Samples, Rate, rate), Rate = rate };
    }

    internal static void RequireFinite(ReadOnlySpan<float> samples, string source)
    {
        for (int i = 0; i < samples.Length; i++)
            if (!float.IsFinite(samples[i]))
                throw new Core.UserErrorException($"{source}: expected finite samples, found {samples[i]} at sample {i + 1}.");
    }
}
