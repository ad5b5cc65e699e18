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
        table = table.WithMissing(options.MissingWords);
        foreach (string name in options.Roles().Select(role => role.Name)) table.Column(name);
        options.RefuseTwoRoles(table.Source);
        (TimeKind kind, double[] times) = TimeColumn.Read(table, options.Time, options.TimeFormat);
        IReadOnlyList<(string Name, int[] Rows)> groups = Groups(table, options.Group);
        if (options.Irregular == IrregularTimes.Error) TimeParts.Refuse(table, options, kind, times);
        if (options.Group is null && options.Irregular != IrregularTimes.Keep) SeriesApart.Refuse(table, options, kind, times);
        int[] lines = [.. Enumerable.Range(0, table.Rows).Select(table.Line)];
        double[][] targets = Numbers(table, options.Targets), known = Numbers(table, options.Known);
        TotalRows.Note(table, options, kind, targets);
        return new SeriesRows(table.Source, kind, times, new RowPlaces(lines, InMemory: false), OldestFirst(table, kind, times, groups),
            targets, known).ToSeries(options);
    }

    private static double[][] Numbers(Table table, IReadOnlyList<string> columns) => [.. columns.Select(n => table.Numbers(table.Column(n)))];

    private static IReadOnlyList<(string Name, int[] Rows)> Groups(Table table, string? column)
    {
        if (column is null) return [("", [.. Enumerable.Range(0, table.Rows)])];
        int index = table.Column(column);
        if (Enumerable.Range(0, table.Rows).FirstOrDefault(row => table.Text(row, index).Length == 0, -1) is >= 0 and int bare)
            throw new UserErrorException($"{table.Where(bare, index)}: expected what the row's series is called, found nothing; fill it in (a " +
                "spreadsheet may have it in the first row of a series alone), or take the line out.");
        (string Name, int[] Rows)[] groups =
            [.. Enumerable.Range(0, table.Rows).GroupBy(row => table.Text(row, index)).Select(g => (g.Key, g.ToArray()))];
        if (NearEqual.Note(table.Source, $"groups of the column '{column}',", groups.Select(g => g.Name)) is { } note) table.Note(note);
        return groups;
    }

    // Files that begin with the newest row are turned around; every other order is left to the check of times, which names the line.
    private static IReadOnlyList<(string Name, int[] Rows)> OldestFirst(
        Table table, TimeKind kind, double[] times, IReadOnlyList<(string Name, int[] Rows)> groups)
    {
        if (kind == TimeKind.Row || !groups.All(g => Falls(g.Rows)) || groups.All(g => g.Rows.Length < 2)) return groups;
        table.Note($"{table.Source}: the newest row stands first; rows are read from the last to the first.");
        return [.. groups.Select(g => (g.Name, g.Rows.Reverse().ToArray()))];

        bool Falls(int[] rows) => Enumerable.Range(1, Math.Max(rows.Length - 1, 0)).All(i => times[rows[i]] < times[rows[i - 1]]);
    }
}
