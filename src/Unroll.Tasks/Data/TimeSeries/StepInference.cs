namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>
/// Finds the step of a time column: the commonest one, in calendar months where the dates keep to a day of the month, in business days where no
/// weekend has one.
/// </summary>
internal static class StepInference
{
    /// <param name="kind">What the times are.</param>
    /// <param name="groups">The times of each series, in the order of the file.</param>
    internal static TimeAxis Infer(TimeKind kind, IReadOnlyList<double[]> groups)
    {
        if (kind == TimeKind.Row) return TimeAxis.Rows;
        if (kind == TimeKind.Number) return new TimeAxis(kind, new TimeStep(NumberStep(groups), TimeUnit.Number));
        if (kind == TimeKind.Month) return new TimeAxis(kind, new TimeStep(Commonest(groups) ?? 1, TimeUnit.Month));

        if (MonthDay(groups) is int day)
        {
            double[][] months = [.. groups.Select(g => Array.ConvertAll(g, t => TimeText.MonthOf(TimeText.DateOf(t))))];
            if (Commonest(months, countZero: true) is double step and > 0) return new TimeAxis(kind, new TimeStep(step, TimeUnit.Month), day);
        }
        double common = Commonest(groups) ?? 86400;
        return new TimeAxis(kind, common == 86400 && BusinessDays.Are(groups)
            ? new TimeStep(1, TimeUnit.BusinessDay) : new TimeStep(common, TimeUnit.Second));
    }

    // The commonest difference between neighbors; the smaller one wins a tie. Newest-first files count by the size of their steps.
    private static double? Commonest(IReadOnlyList<double[]> groups, bool countZero = false)
    {
        Dictionary<double, int> counts = [];
        foreach (double[] times in groups)
            for (int i = 1; i < times.Length; i++)
            {
                double step = Math.Round(Math.Abs(times[i] - times[i - 1]), 9);
                if (step > 0 || countZero) counts[step] = counts.GetValueOrDefault(step) + 1;
            }
        return counts.Count == 0 ? null : counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).First().Key;
    }

    // Decimal years are rounded (0.083, 0.084): the mean of all steps near the commonest one is free of that rounding.
    private static double NumberStep(IReadOnlyList<double[]> groups)
    {
        if (Commonest(groups) is not double common) return 1;
        double sum = 0;
        int count = 0;
        foreach (double[] times in groups)
            for (int i = 1; i < times.Length; i++)
            {
                double step = Math.Abs(times[i] - times[i - 1]);
                if (Math.Abs(step - common) > 0.05 * common) continue;
                (sum, count) = (sum + step, count + 1);
            }
        double mean = sum / count;
        return Math.Abs(mean - common) < 1e-9 * common ? common : mean;
    }

    // The day of the month to which at least 80 % of the dates keep (31: the last day of every month), or null: then the step is in seconds.
    private static int? MonthDay(IReadOnlyList<double[]> groups)
    {
        DateTime[] dates = [.. groups.SelectMany(g => g).Select(TimeText.DateOf)];
        if (dates.Length < 2) return null;
        int commonest = dates.GroupBy(d => d.Day).OrderByDescending(g => g.Count()).First().Key;
        int day = Keep(31) > Keep(commonest) ? 31 : commonest;
        return Keep(day) >= 0.8 * dates.Length ? day : null;

        int Keep(int day) => dates.Count(d => d.Day == Math.Min(day, DateTime.DaysInMonth(d.Year, d.Month)));
    }
}
