using System.Globalization;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Checks that each row of a series is one step after the row before it.</summary>
internal static class Regularity
{
    private const double MostFilled = 0.1, FewFilled = 3;

    /// <summary>The first row that is not, in one sentence with what to do; null when all are.</summary>
    internal static string? Problem(RowSet rows, TimeAxis axis, string source, string? column)
    {
        // Rows out of order come first: beside them every other row looks like a gap.
        int[] steps = [.. Enumerable.Range(1, Math.Max(0, rows.Times.Length - 1))];
        int at = steps.FirstOrDefault(i => rows.Times[i] <= rows.Times[i - 1]);
        if (at == 0) at = steps.FirstOrDefault(i => !axis.IsNext(rows.Times[i - 1], rows.Times[i]));
        if (at == 0) return null;
        string sentence = Sentence(rows, axis, at, rows.Times[at - 1], rows.Times[at]);
        return $"{source}, {rows.Places.Of(at)}, column '{column}': {sentence}.";
    }

    private static string Sentence(RowSet rows, TimeAxis axis, int i, double before, double time)
    {
        string found = axis.Format(time), previous = $"{axis.Format(before)} on {rows.Places.Of(i - 1)}";
        if (time == before)
            return $"the time {found} stands on {rows.Places.Of(i - 1)} too; remove one row, average them by resampling (resample), " +
                "or name the column that tells series apart (group)";
        if (time < before && rows.Times[..i].Contains(time))
            return $"the time {found} is earlier than {previous}, which stands before it, and stood in an earlier row too; give times that go on, " +
                "take rows as evenly spaced (time none), or name the column that tells series apart (group)";
        if (time < before)
            return $"the time {found} is earlier than {previous}, which stands before it; sort the rows from old to new, " +
                "sort them by resampling (resample), or name the column that tells series apart (group)";
        string hint = axis.Kind == TimeKind.Number && time is > 18000000 and < 22000000 ? " (write dates as 2024-01-31)" : "";
        return $"expected {axis.Format(axis.After(before, 1))} because the commonest step is {axis.Step} and {previous} is before it, " +
            $"found {found}{hint}; fill the gap in the data, {Remedies(rows, axis)}";
    }

    /// <summary>Whether a grid would have many periods that no row is in: then those are no gaps, and resampling is no remedy.</summary>
    /// <param name="times">Of one series, in any order.</param>
    /// <param name="axis">The grid.</param>
    internal static bool IsSparse(IReadOnlyList<double> times, TimeAxis axis) =>
        MadeUp([.. times.Order()], axis) is var (filled, periods) && IsMuch(filled, periods);

    /// <summary>Whether times begin anew, as days of a month do: a grid would average rows of different times.</summary>
    internal static bool BeginsAnew(IReadOnlyList<double> times)
    {
        HashSet<double> seen = [];
        for (int i = 0; i < times.Count; i++)
            if (!seen.Add(times[i]) && times[i] < times[i - 1]) return true;
        return false;
    }

    private static bool IsMuch(double filled, double periods) => filled > Math.Max(FewFilled, MostFilled * periods);

    private static (double Filled, double Periods) MadeUp(double[] sorted, TimeAxis axis)
    {
        double periods = axis.Period(sorted[^1], sorted[0]) + 1.0;
        return (periods - sorted.Length, periods);
    }

    // A remedy that makes up much of the data is none; days on which nothing happens are no gaps.
    private static string Remedies(RowSet rows, TimeAxis axis)
    {
        (double filled, double periods) = MadeUp(rows.Times, axis);
        string share = string.Create(CultureInfo.InvariantCulture, $"{filled:N0} of {periods:N0} periods");
        return !IsMuch(filled, periods)
            ? $"resample them (resample fills in {share}), or take rows as evenly spaced (time none)"
            : $"or take rows as evenly spaced (time none) where periods without a row are no gaps; to resample them (resample) would fill in {share}";
    }
}
