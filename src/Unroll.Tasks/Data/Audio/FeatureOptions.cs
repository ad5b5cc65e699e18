using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

/// <summary>What a step of a sound looks like to a network.</summary>
/// <remarks>The defaults (windows of 25 ms every 10 ms, 40 mel filters, first differences in time) do well for speech.</remarks>
public sealed record FeatureOptions
{
    /// <summary>Samples a second; sounds of other rates are brought to it first.</summary>
    public int Rate { get; init => field = Between(1000, 96_000, value, "rate"); } = 8000;

    /// <summary>Milliseconds of a window; a window has at least 16 samples.</summary>
    public double WindowMs { get; init => field = Between(1, 1000, value, "frame"); } = 25;

    /// <summary>Milliseconds from one window to the next.</summary>
    public double HopMs { get; init => field = Between(1, 1000, value, "hop"); } = 10;

    /// <summary>y[n] = x[n] − a x[n−1] before all else, in [0, 1): lifts high frequencies; 0: none.</summary>
    public double PreEmphasis { get; init => field = Between(0, 0.999, value, "pre-emphasis"); } = 0.97;

    /// <summary>The number of mel filters.</summary>
    public int Mels { get; init => field = Between(1, 512, value, "mels"); } = 40;

    /// <summary>The scale of the filters.</summary>
    public MelScale Scale { get; init; } = MelScale.Htk;

    /// <summary>Where the lowest filter begins, in Hz.</summary>
    public double LowHz { get; init => field = Between(0, 48_000, value, "low"); } = 20;

    /// <summary>Where the highest filter ends, in Hz; null: half the rate.</summary>
    public double? HighHz { get; init => field = value is double v ? Between(1, 48_000, v, "high") : null; }

    /// <summary>The number of cepstral coefficients (MFCC), the zeroth included; 0: the logarithms of the filters themselves.</summary>
    public int Cepstra { get; init => field = Between(0, 512, value, "cepstra"); }

    /// <summary>0: a step alone; 1: with its differences in time; 2: with theirs too.</summary>
    public int Deltas { get; init => field = Between(0, 2, value, "deltas"); } = 1;

    /// <summary>Features of a step before differences.</summary>
    public int Static => Cepstra > 0 ? Cepstra : Mels;

    /// <summary>Features of a step.</summary>
    public int Features => Static * (1 + Deltas);

    /// <summary>Samples of a window.</summary>
    internal int Window => Math.Max(16, (int)Math.Round(Rate * WindowMs / 1000));

    /// <summary>Samples from one window to the next.</summary>
    internal int Hop => Math.Max(1, (int)Math.Round(Rate * HopMs / 1000));

    /// <summary>The names of the features of a step, in order.</summary>
    internal string[] Names =>
        [.. Enumerable.Range(0, 1 + Deltas).SelectMany(order => Enumerable.Range(0, Static), (order, i) =>
            $"{(order == 0 ? "" : order == 1 ? "Δ " : "ΔΔ ")}{(Cepstra > 0 ? "cepstrum" : "mel")} {i + (Cepstra > 0 ? 0 : 1)}")];

    private static int Between(int least, int most, int value, string option) => value >= least && value <= most ? value
        : throw new UserErrorException($"{option}: expected a whole number from {least} to {most}, got {value}.");

    private static double Between(double least, double most, double value, string option) => value >= least && value <= most ? value
        : throw new UserErrorException(FormattableString.Invariant($"{option}: expected a number from {least} to {most}, got {value}."));
}
