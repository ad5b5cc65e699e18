namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Moves a column to mean 0 and deviation 1 by statistics of its training part; part of a forecasting model's description.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Mean">The mean of the training part.</param>
/// <param name="Deviation">Its standard deviation (of n, not n − 1), or 1 where it is constant; above 0.</param>
/// <param name="Constant">Whether the training part is constant, so that the column can teach nothing.</param>
public sealed record Standardizer(string Column, double Mean, double Deviation, bool Constant = false)
{
    /// <summary>The least value of the training part; null in models of earlier builds.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest value of the training part; null in models of earlier builds.</summary>
    public double? Maximum { get; init; }

    /// <summary>Where the values of the training part lie; where that is not known, four deviations on either side of the mean.</summary>
    internal (double Low, double High) Range => (Minimum ?? Mean - 4 * Deviation, Maximum ?? Mean + 4 * Deviation);

    /// <summary>Leaves a column as it is.</summary>
    /// <param name="column">The column's name.</param>
    public static Standardizer Identity(string column) => new(column, 0, 1);

    //  mean = v₀ + Σ (v − v₀) / n     deviation = √(Σ (v − mean)² / n), in two passes: exact where all are equal, whatever their size
    /// <summary>Fits the statistics.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="training">The training part of the column in each series; together at least one value, none of them NaN.</param>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    public static Standardizer Fit(string column, params IReadOnlyList<ReadOnlyMemory<double>> training) => Fit(column, training, rounding: 0);

    /// <param name="column">The column's name.</param>
    /// <param name="training">As above.</param>
    /// <param name="rounding">What the values, differences of greater ones, may be off by; deviations up to it are none.</param>
    internal static Standardizer Fit(string column, IReadOnlyList<ReadOnlyMemory<double>> training, double rounding)
    {
        double first = training.FirstOrDefault(part => !part.IsEmpty).Span is [var v, ..] ? v : double.NaN, sum = 0, squares = 0;
        long count = training.Sum(part => (long)part.Length);
        foreach (ReadOnlyMemory<double> part in training)
            foreach (double value in part.Span) sum += value - first;
        if (count == 0 || !double.IsFinite(sum))
            throw new ArgumentException($"Column '{column}': expected finite values to fit to.", nameof(training));
        double mean = first + sum / count;
        foreach (ReadOnlyMemory<double> part in training)
            foreach (double value in part.Span) squares += (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / count);
        bool constant = deviation <= rounding;
        return new Standardizer(column, mean, constant ? 1 : deviation, constant)
        {
            Minimum = training.Min(part => Least(part.Span)), Maximum = training.Max(part => Greatest(part.Span)),
        };
    }

    /// <summary>What a person should know about the fit; null when all is well.</summary>
    public string? Note => Constant ? $"column '{Column}' is constant ({Mean:G10}) in the training part, so that it can teach nothing" : null;

    private static double Least(ReadOnlySpan<double> values)
    {
        double least = double.PositiveInfinity;
        foreach (double value in values) least = Math.Min(least, value);
        return least;
    }

    private static double Greatest(ReadOnlySpan<double> values)
    {
        double greatest = double.NegativeInfinity;
        foreach (double value in values) greatest = Math.Max(greatest, value);
        return greatest;
    }

    /// <summary>(v − mean) / deviation, as a network takes it.</summary>
    internal float Apply(double value) => (float)((value - Mean) / Deviation);
}
