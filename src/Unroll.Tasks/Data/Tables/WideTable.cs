using System.Globalization;
using Unroll.Core;

namespace Unroll.Tasks.Data.Tables;

/// <summary>
/// Tables whose header holds times (a series in each row), or names that count (a series in each column): rows are times here, and columns are
/// forecast together.
/// </summary>
internal static class WideTable
{
    private const int Few = 3;

    /// <param name="table">The table.</param>
    /// <param name="targets">The columns that are to be forecast.</param>
    /// <param name="time">The time column; null: none.</param>
    /// <exception cref="UserErrorException">The header holds times and no column does.</exception>
    internal static void RefuseOrNote(Table table, IReadOnlyList<string> targets, string? time)
    {
        if (targets.Count < Few) return;
        string shown = $"'{Table.Shorten(targets[0])}', '{Table.Shorten(targets[1])}' … '{Table.Shorten(targets[^1])}'";
        if (3 * targets.Count(TimeNames.IsTime) >= 2 * targets.Count || IsRunning(targets))
            RefuseOrNote(table, time, $"the header names {targets.Count} columns by times or numbers ({shown}), so that each row may be a series, " +
                "and rows are read as times; give a row to each time (columns for series, time and value, with group)");
        else if (TimeNames.HoldMonths(targets))
            RefuseOrNote(table, time, $"the header names the twelve months ({shown}), so that each row may be a year, and rows are read as times, " +
                "with months as columns beside each other; give a row to each month (columns for month and value)");
        else if (Prefix(targets) is { Length: > 0 } prefix && IsRunning([.. targets.Select(name => name[prefix.Length..])]))
            table.Note($"{table.Source}: the columns {shown} are forecast together, as {targets.Count} values of one series; for one model of " +
                $"{targets.Count} series put them below each other, with a column that tells them apart (group).");
    }

    private static void RefuseOrNote(Table table, string? time, string text)
    {
        string all = $"{table.Source}: {text}, or name the columns to forecast (column).";
        if (time is null) throw new UserErrorException(all);
        table.Note(all);
    }

    private static bool IsRunning(IReadOnlyList<string> names)
    {
        if (Whole(names[0]) is not { } first) return false;
        for (int i = 1; i < names.Count; i++)
            if (Whole(names[i]) != first + i) return false;
        return true;
    }

    private static string Prefix(IReadOnlyList<string> names)
    {
        int length = names.Min(name => name.Length);
        for (int i = 0; i < length; i++)
            if (char.IsAsciiDigit(names[0][i]) || names.Any(name => name[i] != names[0][i])) return names[0][..i];
        return names[0][..length];
    }

    private static long? Whole(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole) ? whole : null;
}
