namespace Unroll.Tasks.Forecast;

//  e = truth - center, in units of the scale;  u = e / spread on its side of the center
//  interval of level p at a step: center + spread · [min(0, u_(⌊(n+1)(1-p)/2⌋)), max(0, u_(⌈(n+1)(1+p)/2⌉))]
//  Vovk, Gammerman, Shafer 2005, "Algorithmic Learning in a Random World"; Lei et al. 2018, section 5.2, for the spreads

/// <summary>
/// How wide intervals are: the errors of the validation part, in units of the spread that was expected (split conformal prediction, each tail
/// for itself). Honest as far as the errors to come are like those of the validation part; what came of it on the test part is measured.
/// </summary>
/// <param name="Part">
/// Where the errors are from: <c>validation</c>, or <c>training</c> where nothing validates (then intervals are too narrow).
/// </param>
/// <param name="Errors">[windows][horizon × columns]: u, at most 400 windows, evenly taken; NaN where nothing was measured.</param>
/// <param name="TrainingErrors">
/// The same of the training part where fewer than 100 windows validate: then each end is the wider one of the two parts, since so few errors can
/// come from a calm time. Empty otherwise.
/// </param>
/// <param name="Spreads">[horizon × columns]: the spread expected at a level of the forecast; empty where the network says it itself.</param>
public sealed record IntervalCalibration(
    string Part, IReadOnlyList<float[]> Errors, IReadOnlyList<float[]> TrainingErrors, IReadOnlyList<SpreadLine> Spreads)
{
    internal const int MaxWindows = 400, FewWindows = 100;
    private const double Rounding = 1e-9;                   // 0.9 is not 9 tenths: 100 · (1 − 0.9) / 2 must be 5

    /// <summary>
    /// The lower and upper end at a level, in units of the spread; never on the same side of the forecast: where all errors were of one sign (a
    /// network hardly trained), the interval still reaches to what it is an interval of.
    /// </summary>
    /// <param name="target">0 … horizon × columns − 1.</param>
    /// <param name="level">The share of future values that the interval should hold.</param>
    internal (double Lower, double Upper) Ends(int target, double level)
    {
        (double lower, double upper) = Ends(Errors, target, level);
        if (TrainingErrors.Count > 0)
        {
            (double otherLower, double otherUpper) = Ends(TrainingErrors, target, level);
            (lower, upper) = (Math.Min(lower, otherLower), Math.Max(upper, otherUpper));
        }
        return (Math.Min(lower, 0), Math.Max(upper, 0));
    }

    private static (double Lower, double Upper) Ends(IReadOnlyList<float[]> errors, int target, double level)
    {
        float[] sorted = [.. errors.Select(e => e[target]).Where(u => !float.IsNaN(u)).Order()];
        int n = sorted.Length;
        if (n == 0) return (double.NaN, double.NaN);
        int lower = (int)Math.Floor((n + 1) * (1 - level) / 2 + Rounding), upper = (int)Math.Ceiling((n + 1) * (1 + level) / 2 - Rounding);
        return (sorted[Math.Clamp(lower, 1, n) - 1], sorted[Math.Clamp(upper, 1, n) - 1]);
    }
}

/// <summary>How the size of an error goes with the level of the forecast: a straight line, fitted to the training part, within bounds.</summary>
/// <param name="Base">At the mean level; above 0.</param>
/// <param name="Slope">Per deviation of the level; 0 where the data do not show one (|t| below 2).</param>
public sealed record SpreadLine(double Base, double Slope)
{
    /// <summary>The spread at a level, at least a quarter and at most four times the base.</summary>
    /// <param name="level">Deviations from the mean level of the training part.</param>
    internal double At(double level) => Math.Clamp(Base + Slope * level, Base / 4, 4 * Base);

    //  slope = Σ (x - x̄) y / Σ (x - x̄)²     t = slope / √(Σ r² / (n - 2) / Σ (x - x̄)²)
    internal static SpreadLine Fit(ReadOnlySpan<double> level, ReadOnlySpan<double> size)
    {
        int n = level.Length;
        double meanLevel = 0, meanSize = 0, product = 0, squares = 0, rest = 0;
        for (int i = 0; i < n; i++) (meanLevel, meanSize) = (meanLevel + level[i] / n, meanSize + size[i] / n);
        for (int i = 0; i < n; i++)
        {
            double x = level[i] - meanLevel;
            (product, squares) = (product + x * size[i], squares + x * x);
        }
        if (!(meanSize > 0)) return new SpreadLine(1e-3, 0);
        if (n < 8 || !(squares > 0)) return new SpreadLine(meanSize, 0);
        double slope = product / squares;
        for (int i = 0; i < n; i++)
        {
            double r = size[i] - meanSize - slope * (level[i] - meanLevel);
            rest += r * r;
        }
        bool shown = slope * slope * squares > 4 * rest / (n - 2);
        double atMean = meanSize - slope * meanLevel;
        return shown && atMean > 0 ? new SpreadLine(atMean, slope) : new SpreadLine(meanSize, 0);
    }
}
