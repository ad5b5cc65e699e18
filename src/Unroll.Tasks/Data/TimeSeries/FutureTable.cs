using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Inputs that are known in the future, from a table of their own: holidays, prices and promotions of the rows to come.</summary>
internal static class FutureTable
{
    /// <summary>Series with the rows to come that a table has.</summary>
    /// <param name="series">The series, with their known inputs.</param>
    /// <param name="options">The known columns, time, group and words for missing values; the table needs no others.</param>
    /// <param name="name">The table.</param>
    /// <param name="files">What names stand for.</param>
    /// <returns>
    /// Rows after the last one of each series are appended; those before it are passed over. A table without the group column holds for every series.
    /// </returns>
    /// <exception cref="UserErrorException">
    /// There is no known input, a column is missing, a cell is no number, or times do not go on from the series' end a step at a time.
    /// </exception>
    internal static IReadOnlyList<Series> Read(IReadOnlyList<Series> series, SeriesOptions options, string name, DataFiles files)
    {
        if (options.Known.Count == 0)
            throw new UserErrorException($"{name}: the model has no inputs that are known in the future; leave future out, or train one with known.");
        Table table = EmbeddedData.OpenOrRead(name, files).WithMissing(options.MissingWords);
        double[][] known = [.. options.Known.Select(column => Whole(table, column))];
        (TimeKind kind, double[] times) = TimeColumn.Read(table, options.Time, options.TimeFormat);
        int? group = options.Group is { } own && table.Columns.Contains(own) ? table.Column(own) : null;
        ILookup<string, int> rows = Enumerable.Range(0, table.Rows).ToLookup(row => group is int g ? table.Text(row, g) : "");
        string[] strangers = [.. rows.Select(one => one.Key).Where(key => group is not null && series.All(one => one.Name != key))];
        if (strangers.Length > 0)
            table.Note($"{table.Source}: {strangers.Length} of {rows.Count} groups are not among the series and are left out, such as " +
                $"'{Table.Shorten(strangers[0])}'.");
        return [.. series.Select(one => With(one, table, kind, times, known, [.. rows[group is null ? "" : one.Name]], options.Time))];
    }

    private static double[] Whole(Table table, string name)
    {
        int column = table.Column(name);
        double[] values = table.Numbers(column);
        if (Array.FindIndex(values, double.IsNaN) is >= 0 and int row)
            throw new UserErrorException(
                $"{table.Where(row, column)}: expected a number, found a missing value; what is known of the future has none.");
        return values;
    }

    private static Series With(Series one, Table table, TimeKind kind, double[] times, double[][] known, int[] rows, string? column)
    {
        string who = one.Name.Length == 0 ? "the data" : $"series '{Table.Shorten(one.Name)}'";
        List<double> added = [];
        List<int> taken = [];
        double last = one.Times[^1];
        foreach (int row in kind == TimeKind.Row ? rows : [.. rows.OrderBy(row => times[row])])
        {
            if (one.Axis.Kind == TimeKind.Row)
            {
                added.Add(last += 1);
                taken.Add(row);
                continue;
            }
            string where = table.Where(row, table.Column(column!));
            double time = In(one.Axis.Kind, kind, times[row]) ?? throw new UserErrorException(
                $"{where}: expected a time written like {one.Axis.Format(last)}, the last one of {who}.");
            if (time <= last && added.Count == 0) continue;                      // the data have it
            if (!one.Axis.IsNext(last, time))
                throw new UserErrorException($"{where}: expected {one.Axis.Format(one.Axis.After(last, 1))}, one step ({one.Axis.Step}) after " +
                    $"{(added.Count == 0 ? $"the last row of {who}" : "the row before")}, found {one.Axis.Format(time)}; " +
                    "give every row to come once.");
            added.Add(last = time);
            taken.Add(row);
        }
        if (added.Count == 0)
            throw new UserErrorException($"{table.Source}: no row comes after {one.Label(one.Times.Count - 1)}, the last one of {who}; " +
                "give the rows to be forecast.");
        return one.WithFuture(added, [.. known.Select(values => taken.Select(row => values[row]).ToArray())]);
    }

    // As SeriesTime converts: months from days, days from moments.
    private static double? In(TimeKind axis, TimeKind kind, double time) => (axis, kind) switch
    {
        _ when axis == kind => time,
        (TimeKind.Month, TimeKind.Date or TimeKind.DateTime) => TimeText.MonthOf(TimeText.DateOf(time)),
        (TimeKind.Date or TimeKind.DateTime, TimeKind.Date or TimeKind.DateTime) => time,
        _ => null,
    };
}
