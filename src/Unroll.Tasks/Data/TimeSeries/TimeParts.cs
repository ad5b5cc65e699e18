using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Notices times that are spread over columns (year and month, date and hour): by one of them alone, several rows have one time.</summary>
internal static class TimeParts
{
    /// <exception cref="UserErrorException">Times stand more than once, and columns hold further parts of them.</exception>
    internal static void Refuse(Table table, SeriesOptions options, TimeKind kind, double[] times)
    {
        if (Columns(table, options, kind, times) is not { Length: > 0 } parts) return;
        Dictionary<double, int> seen = [];
        int row = 0;
        while (seen.TryAdd(times[row], row)) row++;
        string columns = parts.Length == 1 ? $"the column '{parts[0]}' holds a part" : $"the columns '{string.Join("', '", parts)}' hold parts";
        throw new UserErrorException($"{table.Where(row, table.Column(options.Time!))}: the time {TimeText.Format(kind, times[row])} stands on " +
            $"line {table.Line(seen[times[row]])} too, and {columns} of the time; write it in one column, such as 2022-01 or 2022-01-03 13:00, or " +
            "take rows as evenly spaced (time none) and name the columns to forecast (column).");
    }

    /// <summary>The columns that hold further parts of the time; empty where times do not repeat, or stand twice with all parts too.</summary>
    internal static string[] Columns(Table table, SeriesOptions options, TimeKind kind, double[] times)
    {
        if (kind == TimeKind.Row || options.Time is null || options.Group is not null || times.Distinct().Count() == times.Length) return [];
        int[] parts = [.. Enumerable.Range(0, table.Columns.Count)
            .Where(c => table.Columns[c] != options.Time && !options.Known.Contains(table.Columns[c]) && IsPart(table, c))];
        HashSet<(double, string)> seen = [];
        for (int row = 0; row < times.Length; row++)
            if (!seen.Add((times[row], string.Join('|', parts.Select(c => table.Text(row, c)))))) return [];
        return [.. parts.Select(c => table.Columns[c])];
    }

    private static bool IsPart(Table table, int column) => TimeFormGuess.IsTimeName(table.Columns[column])
        || table.Columns[column].ToLowerInvariant() is "year" or "hour" or "minute" or "second" or "jahr" or "monat" or "tag" or "stunde" or "uhrzeit"
            or "quartal" or "mois" or "jour" or "heure" or "mes" or "dia" or "día" or "hora" or "maand" or "dag" or "mese" or "giorno" or "ora"
        || Enumerable.Range(0, table.Rows).All(row => TimeNames.IsPart(table.Text(row, column)));
}
