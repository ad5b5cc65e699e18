using System.Globalization;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>What was not measured in series, in sentences: how much was put on a grid, carried on or interpolated.</summary>
internal static class SeriesNotes
{
    /// <param name="series">The series of a run or a question.</param>
    /// <param name="note">Receives each sentence, without <c>note:</c>; null: nobody.</param>
    internal static void OfFilled(IReadOnlyList<Series> series, Action<string>? note)
    {
        if (note is null || series.Count == 0) return;
        string source = series[0].Source;
        long periods = series.Sum(one => (long)one.Times.Count), read = series.Sum(one => (long)one.RowsRead);
        long empty = series.Sum(one => (long)one.Lines.Count(line => line == 0));
        if (periods != read || empty > 0)
            note($"{source}: {read:N0} rows were put on a grid of {series[0].Axis.Step}: {periods:N0} periods, {empty:N0} of them without a row, " +
                $"{read - (periods - empty):N0} rows averaged with others of their period.".ToString(CultureInfo.InvariantCulture));
        else OfHolidays(series, note);
        OfColumns(series, one => one.Targets, "the network sees them, but neither learns to forecast them nor is measured by them", note);
        OfColumns(series, one => one.Known, "give those that are known", note);
    }

    // Of a calendar of business days: those without a row, which are no gaps.
    private static void OfHolidays(IReadOnlyList<Series> series, Action<string> note)
    {
        if (series[0].Axis.Step.Unit != TimeUnit.BusinessDay) return;
        long holidays = 0, days = 0;
        string? first = null;
        foreach (Series one in series)
            for (int row = 1; row < one.Times.Count; row++)
            {
                long between = BusinessDays.Between(one.Times[row - 1], one.Times[row]);
                (holidays, days) = (holidays + between, days + between + 1);
                if (between > 0) first ??= one.Axis.Format(BusinessDays.After(one.Times[row - 1], 1));
            }
        if (holidays > 0)
            note(string.Create(CultureInfo.InvariantCulture, $"{series[0].Source}: rows are business days (Monday to Friday); {holidays:N0} of ") +
                string.Create(CultureInfo.InvariantCulture, $"{days:N0} have no row, the first {first}, and are taken for days on which nothing ") +
                "happens; fill them in where something did.");
    }

    private static void OfColumns(IReadOnlyList<Series> series, Func<Series, IReadOnlyList<Column>> columns, string what, Action<string> note)
    {
        for (int c = 0; c < columns(series[0]).Count; c++)
        {
            Column[] all = [.. series.Select(one => columns(one)[c])];
            int filled = all.Sum(column => column.Filled), rows = all.Sum(column => column.Values.Length);
            if (filled == 0) continue;
            int most = Array.FindIndex(all, column => column.Filled == all.Max(other => other.Filled));
            int first = Array.IndexOf(all[most].FilledRows!, true);
            string where = series.Count == 1 ? $"the first at {series[0].Label(first)}"
                : $"most of them in series '{Table.Shorten(series[most].Name)}' ({all[most].Filled} of {all[most].Values.Length})";
            note(string.Create(CultureInfo.InvariantCulture, $"{series[0].Source}: column '{all[0].Name}': {filled:N0} of {rows:N0} values " +
                $"({(double)filled / rows:P1}) are missing and were {(all[most].Interpolated ? "interpolated" : "carried on from the last one")}, ") +
                $"{where}; {what}.");
        }
    }
}
