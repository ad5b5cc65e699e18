using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Notices several series in one table whose group column was not named: averaging them, or reading them as one, mixes them up.</summary>
internal static class SeriesApart
{
    /// <exception cref="UserErrorException">Times stand more than once, and a column tells the rows of each time apart.</exception>
    internal static void Refuse(Table table, SeriesOptions options, TimeKind kind, double[] times)
    {
        if (Column(table, options, kind, times) is not { } name) return;
        int column = table.Column(name);
        Dictionary<double, int> seen = [];
        int row = 0;
        while (seen.TryAdd(times[row], row)) row++;
        int series = Enumerable.Range(0, table.Rows).Select(r => table.Text(r, column)).Distinct().Count();
        string where = table.Where(row, table.Column(options.Time!));
        throw new UserErrorException($"{where}: the time {TimeText.Format(kind, times[row])} stands on line {table.Line(seen[times[row]])} too, " +
            $"and the column '{name}' tells {series} series apart; name it (group {name}), or keep the rows of one series.");
    }

    /// <summary>The first column whose values tell series of increasing times apart; null where times do not repeat or no column does.</summary>
    internal static string? Column(Table table, SeriesOptions options, TimeKind kind, double[] times)
    {
        if (kind == TimeKind.Row || options.Time is null || times.Distinct().Count() == times.Length) return null;
        HashSet<string> roles = [.. options.Known, options.Time];              // a month beside years is a part of the time, and no series
        return table.Columns.Where((name, column) => !roles.Contains(name) && !TimeFormGuess.IsTimeName(name)
            && !RowIndex.Is(table, column) && TellsApart(table, column, options, times)).FirstOrDefault();
    }

    // Text: three rows to a series on average, and no time twice in one. Numbers may do that by chance: they are whole, few, no only target, and
    // every series has its rows at the same step.
    private static bool TellsApart(Table table, int column, SeriesOptions options, double[] times)
    {
        bool text = !NumberText.TryParse(table.Text(0, column), out _);
        if (!text && options.Targets.All(target => target == table.Columns[column])) return false;
        Dictionary<string, List<double>> series = [];
        for (int row = 0; row < times.Length; row++)
        {
            string name = table.Text(row, column);
            if (!text && !(NumberText.TryParse(name, out double number) && number == Math.Floor(number))) return false;
            if (!series.TryGetValue(name, out List<double>? own)) series.Add(name, own = []);
            own.Add(times[row]);
            if (3 * series.Count > times.Length) return false;
        }
        if (series.Count < 2) return false;
        foreach (List<double> own in series.Values)
        {
            own.Sort();
            for (int i = 1; i < own.Count; i++)
                if (own[i] == own[i - 1]) return false;
        }
        bool resampled = options.Irregular == IrregularTimes.Resample;
        return text && !resampled || series.Values.All(own => own.Count > 2 && IsRegular(own));
    }

    private static bool IsRegular(List<double> times)
    {
        double[] steps = [.. Enumerable.Range(1, times.Count - 1).Select(i => times[i] - times[i - 1])];
        return steps.Max() <= 1.2 * steps.Min();                        // months have 28 to 31 days
    }
}
