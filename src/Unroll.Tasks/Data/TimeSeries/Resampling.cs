using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Puts rows with irregular times on a regular axis: the mean within each period, NaN where a period has no value.</summary>
internal static class Resampling
{
    internal static RowSet Apply(RowSet rows, TimeAxis axis, string source)
    {
        int[] order = [.. Enumerable.Range(0, rows.Times.Length).OrderBy(i => rows.Times[i])];      // stable: equal times keep the file's order
        double first = rows.Times[order[0]];
        double origin = axis.Origin(first, OnGrid(rows.Times, axis, first));
        int[] periods = Array.ConvertAll(order, i => (int)Math.Min(axis.Period(rows.Times[i], origin), int.MaxValue));
        int count = Count(periods, rows.Times.Length, axis, source);

        double[] times = new double[count];
        for (int p = 0; p < count; p++) times[p] = axis.After(origin, p);
        int[] lines = new int[count];
        for (int k = order.Length - 1; k >= 0; k--) lines[periods[k]] = rows.Places.Lines[order[k]];       // the period's first row
        return new RowSet(times, rows.Places.With(lines), Array.ConvertAll(rows.Targets, Mean), Array.ConvertAll(rows.Known, Mean))
        {
            RowsRead = rows.Times.Length,
        };

        double[] Mean(double[] values)
        {
            double[] sums = new double[count];
            int[] counts = new int[count];
            for (int k = 0; k < order.Length; k++)
            {
                double value = values[order[k]];
                if (double.IsNaN(value)) continue;
                sums[periods[k]] += value;
                counts[periods[k]]++;
            }
            return [.. sums.Zip(counts, (sum, n) => n == 0 ? double.NaN : sum / n)];
        }
    }

    private static bool OnGrid(double[] times, TimeAxis axis, double first) =>
        times.All(t => Math.Abs(axis.After(first, axis.Period(t, first)) - t) < 2e-3);

    private static int Count(int[] periods, int rows, TimeAxis axis, string source)
    {
        long count = (long)periods[^1] + 1, most = 50L * rows + 1000;
        if (count > most)
            throw new UserErrorException($"{source}: resampling to {axis.Step} would make {count} periods of {rows} rows; give a longer period, " +
                "such as 1day.");
        return (int)count;
    }
}
