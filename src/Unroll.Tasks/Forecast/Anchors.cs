namespace Unroll.Tasks.Forecast;

/// <summary>The simple forecast whose error the network learns; in levels, that is after the logarithm where there is one.</summary>
public enum AnchorKind
{
    /// <summary>The last value.</summary>
    Last,

    /// <summary>The value of the same place in the latest season.</summary>
    Season,

    /// <summary>The same, moved on by the latest change over a season.</summary>
    Growth,

    /// <summary>The mean of the training part.</summary>
    Mean,

    /// <summary>A linear autoregression, fitted to the training part by least squares and fed with its own forecasts.</summary>
    Ar,
}

//  L level, o the first step to forecast, s = 1 … horizon, m season, k = ⌈s / m⌉
//  last     L⟨o-1⟩
//  season   L⟨o-1+s-km⟩
//  growth   L⟨o-1+s-km⟩ + k (L⟨o-1⟩ - L⟨o-1-m⟩)
//  mean     mean of the training part
//  ar       c + Σ_{k=1…p} φ_k L⟨o-1+s-k⟩, forecasts in the place of levels that are not known yet

/// <summary>The values of anchors.</summary>
public static class Anchors
{
    /// <summary>The word of an anchor: that of the option.</summary>
    public static string WordOf(AnchorKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>How many levels before the first step to forecast an anchor looks at; of an autoregression, its order is to be added.</summary>
    internal static int History(AnchorKind kind, int season) => kind switch
    {
        AnchorKind.Last => 1,
        AnchorKind.Season => season,
        AnchorKind.Growth => season + 1,
        _ => 0,
    };

    /// <summary>The anchor of one step; of all but the autoregression, which <see cref="LevelAutoregression"/> is.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="levels">The series; only those before <paramref name="origin"/> are looked at.</param>
    /// <param name="origin">The first step to forecast; at least <see cref="History"/>.</param>
    /// <param name="step">1 for the first step, 2 ….</param>
    /// <param name="season">m.</param>
    /// <param name="mean">The mean of the training part.</param>
    internal static double Value(AnchorKind kind, ReadOnlySpan<double> levels, int origin, int step, int season, double mean)
    {
        int last = origin - 1, seasons = (step + season - 1) / season;
        return kind switch
        {
            AnchorKind.Last => levels[last],
            AnchorKind.Season => levels[last + step - seasons * season],
            AnchorKind.Growth => levels[last + step - seasons * season] + seasons * (levels[last] - levels[last - season]),
            _ => mean,
        };
    }
}
