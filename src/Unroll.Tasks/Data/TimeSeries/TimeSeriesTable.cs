using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>From a table to its time series: groups, times, resampling, missing values, in that order.</summary>
public static class TimeSeriesTable
{
    /// <summary>Reads the series of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">Which columns, and what to do about irregular times and missing values.</param>
    /// <returns>One series a group, in the order of their first rows; all on one step.</returns>
    /// <exception cref="UserErrorException">
    /// A column is missing or used twice, a cell is no number or no time, times are repeated or irregular, or values are missing, and the options
    /// do not say otherwise; the message names the line.
    /// </exception>
    public static IReadOnlyList<Series> Read(Table table, SeriesOptions options)
    {
        RefuseTwoRoles(table, options);
        (TimeKind kind, double[] times) = TimeColumn.Read(table, options.Time);
        IReadOnlyList<(string Name, int[] Rows)> groups = Groups(table, options.Group);
        TimeAxis axis = StepInference.Infer(kind, [.. groups.Select(g => Array.ConvertAll(g.Rows, r => times[r]))]);
        if (options.Period is { } period) axis = WithPeriod(axis, period, options);
        float[][] targets = [.. options.Targets.Select(n => table.Numbers(table.Column(n)))];
        float[][] known = [.. options.Known.Select(n => table.Numbers(table.Column(n)))];

        List<Series> series = [];
        foreach ((string name, int[] rows) in groups)
        {
            RowSet set = RowSet.Of(rows, times, table, targets, known);
            if (options.Irregular == IrregularTimes.Resample) set = Resampling.Apply(set, axis, table.Source);
            else if (options.Irregular == IrregularTimes.Error && Regularity.Problem(set, axis, table.Source, options.Time) is { } problem)
                throw new UserErrorException(problem);
            series.Add(set.ToSeries(table.Source, name, axis, options));
        }
        return series;
    }

    private static void RefuseTwoRoles(Table table, SeriesOptions options)
    {
        List<(string Role, string Name)> roles = [.. options.Targets.Select(n => ("--column", n)), .. options.Known.Select(n => ("--known", n))];
        if (options.Time is { } time) roles.Add(("--time", time));
        if (options.Group is { } group) roles.Add(("--group", group));
        foreach ((string _, string name) in roles) table.Column(name);
        if (roles.GroupBy(r => r.Name).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw new UserErrorException(
                $"{table.Source}: the column '{twice.Key}' is given as {string.Join(" and as ", twice.Select(r => r.Role))}; " +
                "a column has one role.");
    }

    private static IReadOnlyList<(string Name, int[] Rows)> Groups(Table table, string? column)
    {
        if (column is null) return [("", [.. Enumerable.Range(0, table.Rows)])];
        int index = table.Column(column);
        return [.. Enumerable.Range(0, table.Rows).GroupBy(row => table.Text(row, index)).Select(g => (g.Key, g.ToArray()))];
    }

    private static TimeAxis WithPeriod(TimeAxis axis, TimeStep period, SeriesOptions options)
    {
        if (options.Irregular != IrregularTimes.Resample)
            throw new UserErrorException($"A period ({period}) is given without resampling; choose --resample.");
        bool fits = axis.Kind switch
        {
            TimeKind.Row => false,
            TimeKind.Number => period.Unit == TimeUnit.Number,
            TimeKind.Month => period.Unit == TimeUnit.Month,
            _ => period.Unit != TimeUnit.Number,
        };
        if (!fits)
            throw new UserErrorException(
                $"Resampling to {period} does not fit the times, which are {Describe(axis.Kind)}; choose a period in their unit.");
        return axis with { Step = period, MonthDay = period.Unit == TimeUnit.Month && axis.Kind != TimeKind.Month ? 1 : 0 };
    }

    private static string Describe(TimeKind kind) => kind switch
    {
        TimeKind.Row => "row numbers (name a time column with --time)",
        TimeKind.Number => "plain numbers",
        TimeKind.Month => "months",
        _ => "dates",
    };
}
