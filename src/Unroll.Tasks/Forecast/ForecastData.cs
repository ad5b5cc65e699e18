using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>What a run learns from: series with the same columns, and the options with the roles of those columns filled in.</summary>
/// <param name="Options">The options; columns, time and group are those of the data.</param>
/// <param name="Series">The series, each with the columns that are forecast, then those that are only seen.</param>
public sealed record ForecastData(ForecastOptions Options, IReadOnlyList<Series> Series)
{
    /// <summary>The units beside the numbers of columns, inputs and known inputs; empty: none has any.</summary>
    internal IReadOnlyList<string> Units { get; private init; } = [];

    /// <summary>The days of the holiday table; empty: there is none.</summary>
    internal IReadOnlyList<DateOnly> Holidays { get; private init; } = [];

    private static readonly TimeStep s_day = TimeStep.Parse("1day");

    /// <summary>Reads the table that the options name and guesses the roles that they leave open.</summary>
    /// <param name="options">The options.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">The table cannot be read, or a column is missing, irregular or has missing values.</exception>
    public static ForecastData Read(ForecastOptions options, DataFiles files)
    {
        Table table = EmbeddedData.OpenOrRead(NameOf(options.Data), files).WithMissing(options.MissingWords);
        string? time = options.Time;
        if (time is null)
        {
            time = ColumnGuess.Time(table, options.Group, options.TimeFormat);
            if (time is not null && options.Column.Concat(options.Input).Concat(options.Known).Contains(time)) time = null;
        }
        else if (time == "none" && !table.Columns.Contains("none")) time = null;

        IReadOnlyList<string> columns = options.Column;
        if (columns.Count == 0)
            columns = [.. ColumnGuess.Roles(table, time ?? "none", options.Group, [.. options.Input, .. options.Known]).Targets
                .Except(options.Input).Except(options.Known)];
        options = options with { Column = columns, Time = time ?? "none", TimeFormat = TimeColumn.FormatOf(table, time, options.TimeFormat) };
        IReadOnlyList<Series> series = TimeSeriesTable.Read(table, SeriesOptionsOf(options));
        string[] units = ColumnUnits.Of(table, ColumnUnits.Columns(options));
        return WithCalendar(new ForecastData(options, series) { Units = units.Any(unit => unit.Length > 0) ? units : [] }, files);
    }

    // Options and series with the inputs that are made of the calendar, and units of none for them.
    private static ForecastData WithCalendar(ForecastData data, DataFiles files, IReadOnlyList<DateOnly>? holidays = null)
    {
        IReadOnlyList<string> made = CalendarInputs.Columns(data.Options, data.Series[0].Axis);
        if (made.Count == 0) return data;
        holidays ??= CalendarInputs.Holidays(data.Options, files);
        IReadOnlyList<string> known = [.. CalendarInputs.Given(data.Options.Known), .. made];
        return new ForecastData(data.Options with { Known = known }, CalendarInputs.AddTo(data.Series, known, holidays))
        {
            Holidays = holidays, Units = data.Units.Count == 0 ? [] : [.. data.Units, .. made.Select(_ => "")],
        };
    }

    /// <summary>Takes series in memory.</summary>
    /// <param name="options">The options; columns that they name must be there, and those that they do not name are forecast.</param>
    /// <param name="series">The series, all with the same columns and the same step; from <see cref="Data.TimeSeries.Series"/>.</param>
    /// <exception cref="UserErrorException">There is none, two have one name, or they do not have the same columns and step.</exception>
    public static ForecastData From(ForecastOptions options, IReadOnlyList<Series> series) => From(options, series, null);

    /// <param name="options">As above.</param>
    /// <param name="series">As above; inputs of the calendar that they have are made again.</param>
    /// <param name="holidays">The days of the holiday table; null: they are read.</param>
    internal static ForecastData From(ForecastOptions options, IReadOnlyList<Series> series, IReadOnlyList<DateOnly>? holidays)
    {
        if (series.Count == 0) throw new UserErrorException("data: expected at least one series, got none.");
        if (series.GroupBy(one => one.Name).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
            throw new UserErrorException($"data: two series are called '{twice.Key}'; give each its own name.");
        Series first = series[0];
        string[] known = [.. options.Known.Count > 0 ? options.Known : first.Known.Select(column => column.Name)];
        if (options.Calendar.Count > 0) known = [.. CalendarInputs.Given(known)];
        string[] columns = [.. options.Column.Count > 0 ? options.Column
            : first.Targets.Select(column => column.Name).Except(options.Input).Except(known)];
        if (columns.Length == 0) throw new OptionException("column", "every column of the series has another role, so that none is left.");
        return WithCalendar(new ForecastData(options with
        {
            Data = [], Column = columns, Known = known, Group = options.Group ?? (series.Count > 1 ? SeriesRecords.Group : null),
            Time = first.Axis.Kind == TimeKind.Row ? "none" : options.Time is null or "none" ? SeriesRecords.Time : options.Time,
        }, Matching([.. columns, .. options.Input], known, first.Axis, series)), DataFiles.Disk, holidays);
    }

    /// <summary>Reads further data for a model that is there already: the same columns, the same step.</summary>
    /// <param name="description">The model's.</param>
    /// <param name="name">The table.</param>
    /// <param name="files">What names stand for.</param>
    /// <param name="future">A table of what is known of the rows after it; null: none.</param>
    internal static IReadOnlyList<Series> Read(ForecastDescription description, string name, DataFiles files, string? future = null)
    {
        Table table = EmbeddedData.OpenOrRead(name, files);
        SeriesOptions options = SeriesOptionsOf(description.Options);
        IReadOnlyList<Series> read = TimeSeriesTable.Read(table, options);
        IReadOnlyList<Series> series = Matching(description, future is null ? read : FutureTable.Read(read, options, future, files));
        ColumnUnits.Compare(description, table.WithMissing(options.MissingWords));
        NoteFurther(description, name, table, options, files);
        SeriesNotes.OfFilled(series, files.Note);
        return series;
    }

    // Of the data that it was trained on, the training has said it.
    private static void NoteFurther(ForecastDescription description, string name, Table table, SeriesOptions options, DataFiles files)
    {
        string[] further = [.. table.Columns.Except(options.Roles().Select(role => role.Name))];
        if (further.Length == 0 || (description.Options.Data is [var own] && own == name)) return;
        files.Note($"{table.Source}: {further.Length} of {table.Columns.Count} columns are not of the model and are left out: " +
            $"{string.Join(", ", further.Take(5).Select(Table.Shorten))}{(further.Length > 5 ? " …" : "")}.");
    }

    /// <summary>Series with the columns of a model in its order.</summary>
    /// <exception cref="UserErrorException">They lack one, or have another step.</exception>
    internal static IReadOnlyList<Series> Matching(ForecastDescription description, IReadOnlyList<Series> series)
    {
        // Some days of one week do not show that weekends have none.
        if (description.Axis.Step.Unit == TimeUnit.BusinessDay)
            series = [.. series.Select(one => one.Axis.Step == s_day && !one.Times.Any(BusinessDays.IsWeekend) ? one.On(description.Axis) : one)];
        foreach (Series one in series)
            if (one.Axis.Step != description.Axis.Step && one.Length > 1)
                throw new UserErrorException($"{one.Source}: the rows are {one.Axis.Step} apart, and the model was trained on rows " +
                    $"{description.Axis.Step} apart; resample the file, or train a model on it.");
        return Matching([.. description.Options.Column, .. description.Options.Input], description.Options.Known, null,
            CalendarInputs.AddTo(series, description.Options.Known, description.Holidays));
    }

    /// <summary>The one table that is named.</summary>
    /// <exception cref="OptionException">None is, or several are.</exception>
    internal static string NameOf(IReadOnlyList<string> data) => data switch
    {
        [var name] => name,
        [] => throw new OptionException("data", "the model was trained on data in memory; name a table."),
        _ => throw new OptionException("data",
            $"expected one table, got {data.Count}; put series below each other, with a column that tells them apart (group)."),
    };

    private static IReadOnlyList<Series> Matching(string[] columns, IReadOnlyList<string> known, TimeAxis? axis, IReadOnlyList<Series> series)
    {
        List<Series> all = [];
        foreach (Series one in series)
        {
            if (axis is not null && one.Length > 1 && (one.Axis.Step != axis.Step || one.Axis.Kind != axis.Kind))
                throw new UserErrorException($"{ForecastFit.NameOf(one)}: its rows are {one.Axis.Step} apart, and those of the first series " +
                    $"{axis.Step}; make series of one step, such as by resampling.");
            if (one.Targets.Concat(one.Known).FirstOrDefault(column => column.Missing > 0) is { } gaps)
                throw new UserErrorException($"{ForecastFit.NameOf(one)}, column '{gaps.Name}': {gaps.Missing} values are missing; " +
                    "fill them in when the series is made.");
            bool same = one.Targets.Select(c => c.Name).SequenceEqual(columns) && one.Known.Select(c => c.Name).SequenceEqual(known);
            all.Add(same ? one : one.With(
                [.. columns.Select(name => Find(one, one.Targets, name))], [.. known.Select(name => Find(one, one.Known, name))]));
        }
        return all;
    }

    private static Column Find(Series series, IReadOnlyList<Column> columns, string name) =>
        columns.FirstOrDefault(column => column.Name == name) ?? throw new UserErrorException(
            $"{ForecastFit.NameOf(series)}: there is no column '{name}'" +
            $"{(ReferenceEquals(columns, series.Known) ? " among those known in the future" : "")}; " +
            $"the columns are: {string.Join(", ", columns.Select(column => column.Name))}.");

    private static SeriesOptions SeriesOptionsOf(ForecastOptions options) => new()
    {
        Targets = [.. options.Column, .. options.Input],
        Known = CalendarInputs.Given(options.Known),
        Time = options.Time == "none" ? null : options.Time,
        TimeFormat = options.TimeFormat,
        MissingWords = options.MissingWords,
        Group = options.Group,
        Irregular = options.Resample is null ? IrregularTimes.Error : IrregularTimes.Resample,
        Period = options.Resample is null or "auto" ? null : TimeStep.Parse(options.Resample),
        Missing = options.Missing,
    };
}
