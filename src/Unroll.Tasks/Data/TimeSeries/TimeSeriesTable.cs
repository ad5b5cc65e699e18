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
        foreach (string name in options.Roles().Select(role => role.Name)) table.Column(name);
        options.RefuseTwoRoles(table.Source);
        (TimeKind kind, double[] times) = TimeColumn.Read(table, options.Time);
        int[] lines = [.. Enumerable.Range(0, table.Rows).Select(table.Line)];
        return new SeriesRows(table.Source, kind, times, new RowPlaces(lines, InMemory: false), Groups(table, options.Group),
            Numbers(table, options.Targets), Numbers(table, options.Known)).ToSeries(options);
    }

    private static double[][] Numbers(Table table, IReadOnlyList<string> columns) => [.. columns.Select(n => table.Numbers(table.Column(n)))];

    private static IReadOnlyList<(string Name, int[] Rows)> Groups(Table table, string? column)
    {
        if (column is null) return [("", [.. Enumerable.Range(0, table.Rows)])];
        int index = table.Column(column);
        return [.. Enumerable.Range(0, table.Rows).GroupBy(row => table.Text(row, index)).Select(g => (g.Key, g.ToArray()))];
    }
}
