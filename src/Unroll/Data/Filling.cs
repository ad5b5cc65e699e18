using Unroll.Core;

namespace Unroll.Data;

/// <summary>Applies the policy for missing values to one column.</summary>
internal static class Filling
{
    /// <summary>Fills <paramref name="values"/> in place.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="values">Missing values are NaN.</param>
    /// <param name="policy">What to do about them.</param>
    /// <param name="rows">Names the rows in errors.</param>
    internal static Column Apply(string name, float[] values, MissingValues policy, Series rows)
    {
        int first = Array.FindIndex(values, float.IsNaN);
        if (first < 0) return new Column(name, values);
        int missing = values.Count(float.IsNaN);
        if (policy == MissingValues.Keep) return new Column(name, values, Missing: missing);
        if (policy == MissingValues.Error)
            throw new UserErrorException($"{rows.Where(first, name)}: expected a number, found {What(rows, first)}{More(missing)}; fill it in, or choose " +
                "--missing carry (repeat the last value) or --missing interpolate.");
        if (first == 0)
            throw new UserErrorException($"{rows.Where(0, name)}: the first value is missing, and there is none before it to go by; " +
                "remove the leading rows without a value.");
        if (policy == MissingValues.CarryForward) Carry(values);
        else Interpolate(name, values, rows);
        return new Column(name, values, Filled: missing);
    }

    private static string What(Series rows, int row) => rows.Lines[row] > 0 ? "a missing value" : "no row for this period";

    private static string More(int missing) => missing == 1 ? "" : $" (the first of {missing} in this column)";

    private static void Carry(float[] values)
    {
        for (int i = 1; i < values.Length; i++)
            if (float.IsNaN(values[i])) values[i] = values[i - 1];
    }

    // v_i = v_a + (v_b − v_a) · (i − a) / (b − a), between the neighbours a < i < b that have values
    private static void Interpolate(string name, float[] values, Series rows)
    {
        for (int a = 0; a < values.Length - 1; a++)
        {
            if (!float.IsNaN(values[a + 1])) continue;
            int b = Array.FindIndex(values, a + 1, v => !float.IsNaN(v));
            if (b < 0)
                throw new UserErrorException($"{rows.Where(a + 1, name)}: the values from here to the end are missing, and none follows to interpolate to; " +
                    "remove these rows, or choose --missing carry.");
            for (int i = a + 1; i < b; i++) values[i] = (float)(values[a] + ((double)values[b] - values[a]) * (i - a) / (b - a));
        }
    }
}
