using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Applies the policy for missing values to the columns of a series.</summary>
internal static class Filling
{
    /// <summary>The series without missing values, unless they are to be kept. Fills the columns in place.</summary>
    internal static Series Apply(Series series, MissingValues policy) => series.With(
        [.. series.Targets.Select(c => Apply(c, policy, series))], [.. series.Known.Select(c => Apply(c, policy, series))]);

    private static Column Apply(Column column, MissingValues policy, Series series)
    {
        (string name, double[] values) = (column.Name, column.Values);
        int first = Array.FindIndex(values, double.IsNaN);
        if (first < 0) return column;
        int missing = values.Count(double.IsNaN);
        if (policy == MissingValues.Keep) return column with { Missing = missing };
        if (policy == MissingValues.Error)
            throw new UserErrorException(
                $"{series.Where(first, name)}: expected a number, found {What(series, first)}{More(missing)}; fill it in, or choose " +
                "what to do about it (missing): carry, to repeat the last value, or interpolate.");
        if (first == 0)
            throw new UserErrorException($"{series.Where(0, name)}: the first value is missing, and there is none before it to go by; " +
                "remove the leading rows without a value.");
        bool[] filled = Array.ConvertAll(values, double.IsNaN);
        if (policy == MissingValues.CarryForward) Carry(values);
        else Interpolate(column, series);
        return column with { Filled = missing, FilledRows = filled, Interpolated = policy == MissingValues.Interpolate };
    }

    private static string What(Series series, int row) => series.Lines[row] > 0 ? "a missing value" : "no row for this period";

    private static string More(int missing) => missing == 1 ? "" : $" (the first of {missing} in this column)";

    private static void Carry(double[] values)
    {
        for (int i = 1; i < values.Length; i++)
            if (double.IsNaN(values[i])) values[i] = values[i - 1];
    }

    // v_i = v_a + (v_b − v_a) · (i − a) / (b − a), between the neighbors a < i < b that have values
    private static void Interpolate(Column column, Series series)
    {
        double[] values = column.Values;
        for (int a = 0; a < values.Length - 1; a++)
        {
            if (!double.IsNaN(values[a + 1])) continue;
            int b = Array.FindIndex(values, a + 1, v => !double.IsNaN(v));
            if (b < 0)
                throw new UserErrorException(
                    $"{series.Where(a + 1, column.Name)}: the values from here to the end are missing, and none follows to interpolate to; " +
                    "remove these rows, or choose to carry the last value on (missing carry).");
            for (int i = a + 1; i < b; i++) values[i] = values[a] + (values[b] - values[a]) * (i - a) / (b - a);
        }
    }
}
