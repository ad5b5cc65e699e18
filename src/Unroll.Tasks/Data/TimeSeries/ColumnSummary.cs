namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>What there is to say about one column of one series. Statistics leave missing values out.</summary>
/// <param name="Series">The series' name; empty when the table is one series.</param>
/// <param name="Column">The column's name.</param>
/// <param name="Rows">Observed rows.</param>
/// <param name="First">The first row's time.</param>
/// <param name="Last">The last row's time.</param>
/// <param name="Missing">Missing values.</param>
/// <param name="Minimum">The least value; null when all are missing.</param>
/// <param name="Mean">The mean; null when all are missing.</param>
/// <param name="Maximum">The greatest value; null when all are missing.</param>
/// <param name="Deviation">The standard deviation; null when all are missing.</param>
/// <param name="Autocorrelation1">The correlation with the value one step before; null when not defined.</param>
/// <param name="AutocorrelationSeason">The correlation with the value one season before; null without a season or when not defined.</param>
public sealed record ColumnSummary(
    string Series, string Column, int Rows, string First, string Last, int Missing, double? Minimum, double? Mean, double? Maximum, double? Deviation,
    double? Autocorrelation1, double? AutocorrelationSeason)
{
    /// <summary>Summarizes a column.</summary>
    /// <param name="series">Its series.</param>
    /// <param name="column">One of its targets.</param>
    /// <param name="season">The steps of a season; 1 when there is none.</param>
    public static ColumnSummary Of(Series series, Column column, int season)
    {
        double[] present = [.. column.Values.Where(double.IsFinite)];
        bool any = present.Length > 0;
        double? mean = any ? present.Average() : null;
        double? deviation = mean is { } m ? Math.Sqrt(present.Average(v => (v - m) * (v - m))) : null;
        return new ColumnSummary(
            series.Name, column.Name, series.Length, series.Label(0), series.Label(series.Length - 1), column.Values.Length - present.Length,
            any ? present.Min() : null, mean, any ? present.Max() : null, deviation,
            Autocorrelation(column.Values, 1), season > 1 ? Autocorrelation(column.Values, season) : null);
    }

    //  r_k = Σ_{t ≥ k} (y_t − ȳ)(y_{t−k} − ȳ) / Σ (y_t − ȳ)²   (Box and Jenkins), over the values and pairs that are there
    internal static double? Autocorrelation(ReadOnlySpan<double> values, int lag)
    {
        double sum = 0, product = 0, square = 0;
        int count = 0;
        foreach (double v in values)
            if (double.IsFinite(v)) (sum, count) = (sum + v, count + 1);
        double mean = count == 0 ? 0 : sum / count;
        for (int t = 0; t < values.Length; t++)
        {
            if (!double.IsFinite(values[t])) continue;
            square += (values[t] - mean) * (values[t] - mean);
            if (t >= lag && double.IsFinite(values[t - lag])) product += (values[t] - mean) * (values[t - lag] - mean);
        }
        return square > 0 && values.Length > lag ? product / square : null;
    }
}
