using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>One time series: columns of numbers on a regular axis of times, and where each row came from.</summary>
/// <remarks>
/// Rows 0 … Length − 1 are observed. Rows Length … Length + FutureRows − 1 come after the last observed target and hold only
/// times and known inputs. Made from rows in memory here, from tables by <see cref="TimeSeriesTable"/>; both in the same way. Immutable, and safe for
/// use by several threads.
/// </remarks>
public sealed class Series
{
    private readonly double[] _times;
    private readonly RowPlaces _places;

    internal Series(
        string source, string name, TimeAxis axis, double[] times, RowPlaces places, IReadOnlyList<Column> targets, IReadOnlyList<Column> known)
    {
        (Source, Name, Axis, _times, _places, Targets, Known) = (source, name, axis, times, places, targets, known);
        Length = targets[0].Values.Length;
        RowsRead = times.Length;
    }

    /// <summary>The same rows with other columns.</summary>
    internal Series With(IReadOnlyList<Column> targets, IReadOnlyList<Column> known) =>
        new(Source, Name, Axis, _times, _places, targets, known) { RowsRead = RowsRead, Padding = Padding };

    /// <summary>The same rows on another axis.</summary>
    internal Series On(TimeAxis axis) => new(Source, Name, axis, _times, _places, Targets, Known) { RowsRead = RowsRead, Padding = Padding };

    /// <summary>With rows before the first one.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="times">Of all rows then.</param>
    /// <param name="column">A column with them.</param>
    internal Series Padded(int rows, double[] times, Func<Column, Column> column) =>
        new(Source, Name, Axis, times, _places.With([.. Enumerable.Repeat(0, rows), .. _places.Lines]),
            [.. Targets.Select(column)], [.. Known.Select(column)])
        {
            RowsRead = RowsRead, Padding = Padding + rows,
        };

    /// <summary>The first rows alone, as if the rest had not come yet; known inputs go on for some rows to come, where they are there.</summary>
    internal Series Until(int rows, int future)
    {
        int all = Known.Count > 0 ? Math.Min(rows + future, _times.Length) : rows;
        return new Series(Source, Name, Axis, _times[..all], _places.With(_places.Lines[..all]), [.. Targets.Select(column => column.First(rows))],
            [.. Known.Select(column => column.First(all))]);
    }

    /// <summary>The series with rows to come, a step apart, of which only the inputs known in the future are there.</summary>
    /// <param name="rows">The rows to come, the next one first.</param>
    /// <param name="known">Every known input of the series, by name.</param>
    /// <exception cref="UserErrorException">An input is missing, or has no number in a row.</exception>
    public Series WithFuture<TRow>(IEnumerable<TRow> rows, IReadOnlyList<SeriesColumn<TRow>> known)
    {
        TRow[] all = [.. rows];
        double[] Of(Column column)
        {
            SeriesColumn<TRow> own = known.FirstOrDefault(one => one.Name == column.Name) ?? throw new UserErrorException(
                $"{Source}: the rows to come lack the input '{column.Name}', which is known in the past; give it.");
            double[] values = [.. all.Select((row, i) => SeriesRecords.Number(own.Value(row), () => $"{Source}, row {i} to come, '{column.Name}'"))];
            return Array.FindIndex(values, double.IsNaN) is >= 0 and int bare
                ? throw new UserErrorException($"{Source}, row {bare} to come, '{column.Name}': expected a number, found a missing value; give one.")
                : values;
        }
        return WithFuture([.. all.Select((_, i) => Axis.After(_times[^1], i + 1))], [.. Known.Select(Of)]);
    }

    /// <summary>With rows to come, of which only the known inputs are there.</summary>
    /// <param name="times">Of the rows after the last one.</param>
    /// <param name="known">[known][rows].</param>
    internal Series WithFuture(IReadOnlyList<double> times, IReadOnlyList<double[]> known) => new(Source, Name, Axis, [.. _times, .. times],
        _places.With([.. _places.Lines, .. new int[times.Count]]), Targets,
        [.. Known.Zip(known, (column, values) => column.Append(values))]) { RowsRead = RowsRead };

    /// <summary>A series without times: values one step apart.</summary>
    /// <param name="name">The series' name; empty where there is one.</param>
    /// <param name="values">From old to new; NaN or an infinity is a missing value.</param>
    /// <param name="column">What the values are; the same for all series that one model forecasts.</param>
    /// <param name="missing">What to do about missing values.</param>
    /// <exception cref="UserErrorException">There is no value, or one is missing.</exception>
    public static Series Of(string name, IReadOnlyList<double> values, string column = "value", MissingValues missing = MissingValues.Error) =>
        SeriesRecords.Read(values, _ => name, null, [new(column, value => value)], [])
            .ToSeries(new SeriesOptions { Targets = [column], Missing = missing })[0];

    /// <summary>A series of one column of rows in memory.</summary>
    /// <param name="rows">The rows, from old to new.</param>
    /// <param name="time">The time of a row: a <see cref="DateTime"/>, a <see cref="DateOnly"/>, a <see cref="DateTimeOffset"/> or a number.</param>
    /// <param name="value">The value of a row; NaN or an infinity is a missing value.</param>
    /// <param name="name">What the value is.</param>
    /// <param name="irregular">What to do about times that are not one step apart.</param>
    /// <param name="missing">What to do about missing values.</param>
    /// <exception cref="UserErrorException">
    /// Times are irregular or values are missing, and it is not said what to do about that; names the row.
    /// </exception>
    public static Series From<TRow>(
        IEnumerable<TRow> rows, Func<TRow, SeriesTime> time, Func<TRow, double> value, string name = "value",
        IrregularTimes irregular = IrregularTimes.Error, MissingValues missing = MissingValues.Error) =>
        Groups(rows, _ => "", time, [new(name, value)], [], irregular, missing)[0];

    /// <summary>The series of rows in memory that belong to several, of one or more columns.</summary>
    /// <param name="rows">The rows; those of each series from old to new.</param>
    /// <param name="group">The name of the series that a row belongs to.</param>
    /// <param name="time">The time of a row, as in <see cref="From"/>.</param>
    /// <param name="columns">The columns; which of them are forecast and which only seen, the options of a run say.</param>
    /// <param name="known">
    /// Inputs whose values are known in the future too (holidays, prices). Rows at the end without any column's value are that future.
    /// </param>
    /// <param name="irregular">What to do about times that are not one step apart.</param>
    /// <param name="missing">What to do about missing values.</param>
    /// <param name="period">The period of resampling; null: the commonest step.</param>
    /// <returns>One a group, in the order of their first rows; all on one step.</returns>
    /// <exception cref="UserErrorException">As in <see cref="From"/>; or a column is named twice.</exception>
    public static IReadOnlyList<Series> Groups<TRow>(
        IEnumerable<TRow> rows, Func<TRow, string> group, Func<TRow, SeriesTime> time, IReadOnlyList<SeriesColumn<TRow>> columns,
        IReadOnlyList<SeriesColumn<TRow>>? known = null, IrregularTimes irregular = IrregularTimes.Error, MissingValues missing = MissingValues.Error,
        TimeStep? period = null)
    {
        SeriesOptions options = new()
        {
            Targets = [.. columns.Select(column => column.Name)], Known = [.. (known ?? []).Select(column => column.Name)], Time = SeriesRecords.Time,
            Irregular = irregular, Missing = missing, Period = period,
        };
        options.RefuseTwoRoles(SeriesRecords.Source);
        return SeriesRecords.Read(rows, group, time, columns, known ?? []).ToSeries(options);
    }

    /// <summary>The file's path, or <c>data in memory</c>: as errors name it.</summary>
    public string Source { get; }

    /// <summary>The text of the group column, or the name that was given; empty where there is one series.</summary>
    public string Name { get; }

    /// <summary>The kind of the times and the step between rows.</summary>
    public TimeAxis Axis { get; }

    /// <summary>[Length + FutureRows]; increasing by one step of <see cref="Axis"/> (unless irregular times were kept).</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>
    /// [Length + FutureRows]; the line of the file a row came from (in memory: its place from 0, and 1 more), 0 for a period that resampling put in.
    /// </summary>
    public IReadOnlyList<int> Lines => _places.Lines;

    /// <summary>The columns to forecast, each [Length].</summary>
    public IReadOnlyList<Column> Targets { get; }

    /// <summary>The inputs known in the future too, each [Length + FutureRows]; may be empty.</summary>
    public IReadOnlyList<Column> Known { get; }

    /// <summary>The number of observed rows.</summary>
    public int Length { get; }

    /// <summary>Rows at the beginning that are not of the data, so that a short series can be looked at; each is like the first row.</summary>
    internal int Padding { get; private init; }

    /// <summary>How many rows the data had: not as many as here where they were put on a grid.</summary>
    internal int RowsRead { get; init; }

    /// <summary>
    /// Whether a forecast may be measured by what a row holds: the value was measured, and the row before <paramref name="origin"/>, the last one
    /// that is looked at, was not drawn towards values that come after it.
    /// </summary>
    /// <param name="column">One of <see cref="Targets"/>.</param>
    /// <param name="origin">The first row that is forecast.</param>
    /// <param name="step">1 for that row, 2 ….</param>
    internal bool IsScored(int column, int origin, int step) =>
        Targets[column].IsMeasured(origin + step - 1) && (origin == 0 || Targets.All(one => !one.Interpolated || one.IsMeasured(origin - 1)));

    /// <summary>The rows after the last observed target for which only known inputs are given.</summary>
    public int FutureRows => Times.Count - Length;

    /// <summary>The time of a row as a person writes it; rows beyond the last continue the axis.</summary>
    /// <param name="row">0 or more.</param>
    public string Label(int row) =>
        Axis.Format(row < Times.Count ? Times[row] : Axis.After(Times[^1], row - Times.Count + 1));

    /// <summary>
    /// The date and time of a row, as <see cref="Label"/> writes it; null where times are row numbers or plain numbers. A month is its first day.
    /// </summary>
    /// <param name="row">0 or more.</param>
    public DateTime? Date(int row) => Axis.DateOf(row < Times.Count ? Times[row] : Axis.After(Times[^1], row - Times.Count + 1));

    /// <summary>How errors name a value: <c>sales.csv, line 7, column 'units'</c>, or the period where no line is.</summary>
    /// <param name="row">0 … Length + FutureRows − 1.</param>
    /// <param name="column">The column's name.</param>
    public string Where(int row, string column)
    {
        string series = Name.Length == 0 ? "" : $", series '{Name}'";
        return $"{Source}, {(Lines[row] > 0 ? _places.Of(row) : $"period {Label(row)}")}{series}, column '{column}'";
    }
}

/// <summary>A named column of a series.</summary>
/// <param name="Name">The column's name in the file.</param>
/// <param name="Values">Its numbers, one a row.</param>
/// <param name="Filled">How many of them were missing and filled in by the policy.</param>
/// <param name="Missing">How many are missing still (NaN); 0 unless missing values were kept.</param>
public sealed record Column(string Name, double[] Values, int Filled = 0, int Missing = 0)
{
    /// <summary>[rows]: which of them were filled in; null: none.</summary>
    internal bool[]? FilledRows { get; init; }

    /// <summary>Whether what was filled in goes by the values after it too.</summary>
    internal bool Interpolated { get; init; }

    internal Column First(int rows) => this with
    {
        Values = Values[..rows],
        FilledRows = FilledRows?[..rows],
        Filled = FilledRows is null ? Filled : FilledRows.Take(rows).Count(filled => filled),
    };

    internal Column Append(double[] values) => this with
    {
        Values = [.. Values, .. values], FilledRows = FilledRows is null ? null : [.. FilledRows, .. new bool[values.Length]],
    };

    /// <summary>Whether the data have the value, so that it may be learned from and measured by.</summary>
    internal bool IsMeasured(int row) => FilledRows is null || !FilledRows[row];
}
