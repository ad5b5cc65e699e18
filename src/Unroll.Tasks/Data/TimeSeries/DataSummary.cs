using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>What can be said about a table before anything is trained on it.</summary>
/// <param name="Source">The file.</param>
/// <param name="Step">The step between rows.</param>
/// <param name="Season">The season guessed from the step; 1 when there is none.</param>
/// <param name="Columns">One summary for each series and target.</param>
/// <param name="Problems">What training would refuse: irregular times, missing values. One sentence each.</param>
/// <param name="Suggestion">The options of a forecasting run that would train on the data, each with its value; null: without one.</param>
public sealed record DataSummary(
    string Source, string Step, int Season, IReadOnlyList<ColumnSummary> Columns, IReadOnlyList<string> Problems,
    IReadOnlyList<(string Option, string? Value)> Suggestion)
{
    private const int SeriesShown = 20;

    /// <summary>Looks at a table as it is: without resampling or filling anything in.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">The roles of its columns, for instance from <see cref="ColumnGuess"/>.</param>
    /// <param name="data">The word by which the user named the table, for the suggestion.</param>
    /// <exception cref="UserErrorException">A column does not exist, or holds text that is no number or no time.</exception>
    public static DataSummary Of(Table table, SeriesOptions options, string data)
    {
        IReadOnlyList<Series> series =
            TimeSeriesTable.Read(table, options with { Irregular = IrregularTimes.Keep, Missing = MissingValues.Keep, Period = null });
        TimeAxis axis = series[0].Axis;
        int season = axis.Step.Season;
        ColumnSummary[] columns = [.. series.SelectMany(s => s.Targets.Select(c => ColumnSummary.Of(s, c, season)))];
        List<string> problems = [];
        bool irregular = Problem(table, options with { Irregular = IrregularTimes.Error, Missing = MissingValues.Keep, Period = null }, problems);
        bool missing = Problem(table, options with { Irregular = IrregularTimes.Keep, Missing = MissingValues.Error, Period = null }, problems);

        (TimeKind kind, double[] times) = TimeColumn.Read(table, options.Time, options.TimeFormat);
        string[] parts = TimeParts.Columns(table, options, kind, times);
        if (parts.Length > 0) (irregular, options) = (false, options with { Time = "none", Targets = [.. options.Targets.Except(parts)] });
        string? group = options.Group ?? (parts.Length > 0 ? null : SeriesApart.Column(table, options, kind, times));
        if (group != options.Group) (irregular, options) = (false, options with { Targets = [.. options.Targets.Where(t => t != group)] });
        List<(string, string?)> run = [("data", data), ("column", string.Join(',', options.Targets))];
        if (options.Time is { } time) run.Add(("time", time));
        if (options.TimeFormat is { } format && parts.Length == 0) run.Add(("time-format", format));
        if (options.MissingWords.Count > 0) run.Add(("missing-values", string.Join(',', options.MissingWords)));
        if (group is not null) run.Add(("group", group));
        if (options.Known.Count > 0) run.Add(("known", string.Join(',', options.Known)));
        bool sparse = irregular && series.Any(one => Regularity.IsSparse(one.Times, axis) || Regularity.BeginsAnew(one.Times));
        if (sparse) run = [.. run.Where(option => option.Item1 != "time"), ("time", "none")];
        else if (irregular) run.Add(("resample", null));
        if ((irregular && !sparse) || missing) run.Add(("missing", "interpolate"));
        return new DataSummary(table.Source, axis.Step.ToString(), season, columns, problems, run);
    }

    /// <summary>The summary as lines for a terminal.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Source}: step {Step}, {(Season > 1 ? $"season {Season} steps" : "no season known")}";
        bool groups = Columns.Any(c => c.Series.Length > 0);
        string[][] rows =
        [
            ["series", "column", "rows", "from", "to", "missing", "min", "mean", "max", "deviation", "r(1)", $"r({Season})"],
            .. Columns.Take(SeriesShown).Select(c => new[]
            {
                c.Series, c.Column, $"{c.Rows}", c.First, c.Last, $"{c.Missing}",
                Text(c.Minimum), Text(c.Mean), Text(c.Maximum), Text(c.Deviation), Text(c.Autocorrelation1), Text(c.AutocorrelationSeason),
            }),
        ];
        int[] shown = [.. Enumerable.Range(0, rows[0].Length).Where(i => (i > 0 || groups) && (i < rows[0].Length - 1 || Season > 1))];
        foreach (string[] row in rows)
            yield return "  " + string.Join("  ", shown.Select(i =>
                i < 2 ? TextColumns.Left(row[i], Width(i)) : TextColumns.Right(row[i], Width(i)))).TrimEnd();
        if (Columns.Count > SeriesShown) yield return $"  … and {Columns.Count - SeriesShown} more";
        foreach (string problem in Problems) yield return $"note: {problem}";

        int Width(int column) => rows.Max(r => TextColumns.Cells(r[column]));
    }

    /// <summary>The summary as one JSON object, with the members of the record in camel case.</summary>
    public string ToJson() => JsonText.Of(json => DataSummaryText.Write(json, this), indented: false);

    private static bool Problem(Table table, SeriesOptions options, List<string> problems)
    {
        try
        {
            TimeSeriesTable.Read(table, options);
            return false;
        }
        catch (UserErrorException e)
        {
            problems.Add(e.Message);
            return true;
        }
    }

    private static string Text(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "–";
}
