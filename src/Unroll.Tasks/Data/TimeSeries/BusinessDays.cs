namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>A calendar of business days: Monday to Friday, of which a few may have no row, because nothing trades on holidays.</summary>
internal static class BusinessDays
{
    /// <summary>So many business days in a row are a holiday (a week, and two days beside it); more are a gap in the data.</summary>
    internal const int LongestHoliday = 7;

    private const double Day = 86400, MostMissing = 0.1, FewMissing = 3;

    /// <summary>Whether times are those of business days: none on a weekend though weekends pass, one a day, nearly all of them there.</summary>
    /// <param name="groups">The times of each series, in seconds.</param>
    internal static bool Are(IReadOnlyList<double[]> groups)
    {
        if (groups.Any(times => times.Any(t => IsWeekend(t) || t % Day != times[0] % Day))) return false;
        long weekends = 0, missing = 0, rows = 0;
        foreach (double[] times in groups)
        {
            double[] sorted = [.. times.Order()];
            rows += sorted.Length;
            for (int i = 1; i < sorted.Length; i++)
            {
                if (Number(sorted[i]) / 7 > Number(sorted[i - 1]) / 7) weekends++;
                missing += Math.Clamp(Between(sorted[i - 1], sorted[i]), 0, LongestHoliday);
            }
        }
        return weekends > 0 && missing <= Math.Max(FewMissing, MostMissing * (rows + missing));
    }

    internal static bool IsWeekend(double time) => Number(time) % 7 >= 5;

    /// <summary>The business days after one time and before another; −1 where both are of one day, less where they are out of order.</summary>
    internal static long Between(double time, double next) => Index(next) - Index(time) - 1;

    /// <summary>The time so many business days later, at the same hour.</summary>
    internal static double After(double time, long days)
    {
        long index = Index(time) + days;
        return (Math.DivRem(index, 5, out long day) * 7 + day) * Day + (time - Number(time) * Day);
    }

    // Days since 0001-01-01, which was a Monday.
    private static long Number(double time) => (long)Math.Floor(time / Day);

    // Business days since then; a weekend counts as its Friday.
    private static long Index(double time) => Number(time) / 7 * 5 + Math.Min(Number(time) % 7, 4);
}
