namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Moves a column to mean 0 and deviation 1 by statistics of its training part; part of a forecasting model's description.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Mean">The mean of the training part.</param>
/// <param name="Deviation">Its standard deviation (of n, not n − 1), or 1 where it is constant; above 0.</param>
/// <param name="Constant">Whether the training part is constant, so that the column can teach nothing.</param>
public sealed record Standardizer(string Column, double Mean, double Deviation, bool Constant = false)
{
    /// <summary>Leaves a column as it is.</summary>
    /// <param name="column">The column's name.</param>
    public static Standardizer Identity(string column) => new(column, 0, 1);

    //  mean = Σ v / n     deviation = √(Σ (v − mean)² / n), in two passes and in double
    /// <summary>Fits the statistics.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="training">The training part of the column in each series; together at least one value, none of them NaN.</param>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    public static Standardizer Fit(string column, params IReadOnlyList<ReadOnlyMemory<float>> training)
    {
        double sum = 0, squares = 0;
        long count = 0;
        foreach (ReadOnlyMemory<float> part in training)
            foreach (float value in part.Span) (sum, count) = (sum + value, count + 1);
        if (count == 0 || !double.IsFinite(sum))
            throw new ArgumentException($"Column '{column}': expected finite values to fit to.", nameof(training));
        double mean = sum / count;
        foreach (ReadOnlyMemory<float> part in training)
            foreach (float value in part.Span) squares += (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / count);
        bool constant = deviation <= 1e-7 * Math.Abs(mean);                      // below the rounding of float32 there is nothing to see
        return new Standardizer(column, mean, constant ? 1 : deviation, constant);
    }

    /// <summary>What a person should know about the fit; null when all is well.</summary>
    public string? Note => Constant ? $"column '{Column}' is constant ({Mean:G6}) in the training part, so that it can teach nothing" : null;

    /// <summary>(v − mean) / deviation for each value.</summary>
    /// <param name="values">The column.</param>
    /// <param name="standardized">As many; overwritten; may be <paramref name="values"/> itself.</param>
    public void Apply(ReadOnlySpan<float> values, Span<float> standardized)
    {
        for (int i = 0; i < values.Length; i++) standardized[i] = (float)((values[i] - Mean) / Deviation);
    }

    /// <summary>v · deviation + mean for each value: the inverse of <see cref="Apply"/> to rounding.</summary>
    /// <param name="standardized">Standardized values.</param>
    /// <param name="values">As many; overwritten; may be <paramref name="standardized"/> itself.</param>
    public void Invert(ReadOnlySpan<float> standardized, Span<float> values)
    {
        for (int i = 0; i < standardized.Length; i++) values[i] = (float)(standardized[i] * Deviation + Mean);
    }
}
