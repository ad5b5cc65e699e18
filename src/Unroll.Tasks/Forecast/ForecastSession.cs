using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>
/// A forecasting model that is fed row by row, in the numbers of the data: after each row it forecasts the steps of its horizon, with intervals. The
/// same bits as <see cref="ForecastModel.Forecast(Series, int?, ThreadTeam?, CancellationToken)"/> of the series up to that row.
/// </summary>
/// <remarks>
/// A model of windows keeps the last rows, and a step costs one window; a model that was trained through whole series carries its state on. For one
/// thread at a time; any number of sessions may share a model.
/// </remarks>
public sealed class ForecastSession : ITaskSession, IRoundSession, IWholeSession
{
    private const string Source = "session";
    private static readonly string[] s_members = ["row", "time", "known"];
    private readonly ForecastModel _model;
    private readonly State? _carried;                        // of a model through whole series
    private readonly float[] _x, _outputs;
    private readonly float[][] _said;                        // [members][outputs]
    private ForecastRows _rows;
    private Taken? _taken;
    private ForecastAnswer? _answer;

    internal ForecastSession(ForecastModel model, int keepEvery, int keepLast)
    {
        _model = model;
        _carried = model.ThroughSeries ? Ensemble.NewState(model) : null;
        (_x, _outputs) = (new float[model.Network.InputSize], new float[model.Network.OutputSize]);
        _said = [.. model.Members.Select(_ => new float[_outputs.Length])];
        _rows = new ForecastRows(Description.Columns.Count + Description.Inputs.Count, Description.Known.Count, Description.FirstOrigin);
        State = new SessionState(model.WeightsSha256, _carried, new Part(this)) { KeepEvery = keepEvery, KeepLast = keepLast };
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    State? IRoundSession.Network => _carried;

    /// <summary>Rows that are needed before the first forecast; 0: none.</summary>
    public int RowsNeeded => (int)Math.Max(0, Description.FirstOrigin - State.Position);

    private ForecastDescription Description => _model.Description;

    /// <summary>Takes a row of a model of one column.</summary>
    /// <param name="value">As the data have it.</param>
    /// <param name="time">Its time; null: one step after the row before.</param>
    /// <returns>The forecasts of the next steps; none while <see cref="RowsNeeded"/> is above 0.</returns>
    /// <exception cref="UserErrorException">As in the other one.</exception>
    public ForecastAnswer Step(double value, SeriesTime? time = null) => Step([value], time);

    /// <summary>Takes a row.</summary>
    /// <param name="row">The columns that are forecast, then those that are only seen, as the data have them; NaN is missing.</param>
    /// <param name="time">Its time; null: one step after the row before.</param>
    /// <param name="known">Of each of the next rows, as many as the horizon, the inputs known in the future; null where the model has none.</param>
    /// <returns>The forecasts of the next steps, column by column; none while <see cref="RowsNeeded"/> is above 0.</returns>
    /// <exception cref="UserErrorException">
    /// It is not such a row, a value is missing and the model's policy is not to carry the last one on, or the time is not the one expected; the
    /// session stays as it was.
    /// </exception>
    public ForecastAnswer Step(IReadOnlyList<double> row, SeriesTime? time = null, IReadOnlyList<IReadOnlyList<double>>? known = null)
    {
        Begin(row, time, known);
        return Run();
    }

    private void Begin(IReadOnlyList<double> row, SeriesTime? time, IReadOnlyList<IReadOnlyList<double>>? known)
    {
        ForecastRows next = _rows.With(Values(row), KnownValues(known ?? [], TimeOf(time)), TimeOf(time));
        ForecastSeries series = new(Description, Series(next, State.Position));   // refuses what a logarithm cannot take, before anything has changed
        _taken = new Taken(next, series) { Looks = _carried is not null && State.Position + 1 > Description.FirstStep };
    }

    bool IRoundSession.Next(Span<float> x)
    {
        if (_taken is not { } step) return false;
        if (step.Looks)
        {
            step.Looks = false;
            step.Series.Rows(step.Rows.Count - 1, 1).CopyTo(x);
            return true;
        }
        (_taken, _rows) = (null, step.Rows);
        State.Stepped();
        _answer = Answer(step.Series);
        return false;
    }

    // Each member goes on from its own state; the outputs are their mean.
    void IRoundSession.Take(int member, ReadOnlySpan<float> y)
    {
        y.CopyTo(_said[member]);
        if (member == _said.Length - 1) Ensemble.Mean(_said).CopyTo(_outputs, 0);
    }

    TaskAnswer IRoundSession.Answer() => _answer!;

    /// <summary>
    /// Takes a row as JSON: <c>{"row": {"units": 3, "price": 2.5}, "time": "2024-01-31", "known": [{"holiday": 0}, …]}</c>. Rows may be lists of
    /// numbers in the order of the columns, those that are forecast first; a row of one column a number; <c>null</c> is a missing value; <c>time</c>
    /// and <c>known</c> may be left out as in the typed steps.
    /// </summary>
    /// <param name="input">The row.</param>
    /// <exception cref="UserErrorException">It is no such row; the session stays as it was.</exception>
    public ForecastAnswer Step(JsonElement input)
    {
        ((IRoundSession)this).Begin(input);
        return Run();
    }

    void IRoundSession.Begin(JsonElement input)
    {
        StepInput.Sound(input);
        if (input.ValueKind != JsonValueKind.Object || !input.TryGetProperty("row", out JsonElement row))
            throw new UserErrorException("session: expected an object with a member 'row', such as {\"row\": [3.5]}.");
        foreach (JsonProperty member in input.EnumerateObject())
            if (!s_members.Contains(member.Name))
                throw new UserErrorException($"session: there is no member '{Table.Shorten(member.Name)}'" +
                    $"{NearestName.Question(member.Name, s_members)}; expected row, time and known.");
        SeriesTime? time = input.TryGetProperty("time", out JsonElement when) && when.ValueKind != JsonValueKind.Null
            ? when.ValueKind == JsonValueKind.Number ? when.GetDouble() : SeriesTime.Parse(when.ToString()) : null;
        string[] columns = [.. Description.Options.Column, .. Description.Options.Input];
        List<IReadOnlyList<double>> known = [];
        if (input.TryGetProperty("known", out JsonElement rows) && rows.ValueKind != JsonValueKind.Null)
            foreach (JsonElement one in rows.ValueKind == JsonValueKind.Array ? rows.EnumerateArray()
                : throw new UserErrorException(
                    $"known: expected a list of rows, one for each of the next steps, found {Table.Shorten(rows.ToString())}."))
                known.Add(ForecastRows.Read(one, CalendarInputs.Given(Description.Options.Known), "known"));
        Begin(ForecastRows.Read(row, columns, "row"), time, known);
    }

    TaskAnswer ITaskSession.Step(JsonElement input) => Step(input);

    /// <inheritdoc/>
    public InspectionSubject? Subject() => _carried is not null || State.Position == 0 || RowsNeeded > 0 ? null
        : new ForecastSubject(_model).OfLast(new ForecastSeries(Description, Series(_rows, State.Position - 1)));

    /// <summary>A session of its own that goes on from here.</summary>
    public ForecastSession Fork()
    {
        ForecastSession fork = new(_model, State.KeepEvery, State.KeepLast);
        fork.State.Restore(State.Snapshot());
        return fork;
    }

    ITaskSession ITaskSession.Fork() => Fork();

    private ForecastAnswer Run()
    {
        IRoundSession rounds = this;
        while (rounds.Next(_x))
            for (int k = 0; k < _said.Length; k++)
            {
                _model.Members[k].Network.Step(_x, Ensemble.StateOf(_carried!, k, _said.Length), _said[k]);
                rounds.Take(k, _said[k]);
            }
        return _answer!;
    }

    private ForecastAnswer Answer(ForecastSeries series)
    {
        if (RowsNeeded > 0) return ForecastAnswer.Of(_model, []) with { RowsNeeded = RowsNeeded };
        Window window = new(0, _rows.Count - Description.Window, Description.Window, Description.Horizon);
        float[] outputs = _carried is not null ? _outputs : _model.Run([series], [window], TaskThreads.Or(null));
        return ForecastAnswer.Of(_model, [.. _model.Points(series, outputs, Description.Horizon)]);
    }

    private double[] Values(IReadOnlyList<double> row)
    {
        string[] names = [.. Description.Options.Column, .. Description.Options.Input];
        if (row.Count != names.Length)
            throw new UserErrorException($"row: expected {names.Length} numbers ({string.Join(", ", names)}), got {row.Count}.");
        double[] values = new double[names.Length];
        for (int c = 0; c < values.Length; c++)
        {
            values[c] = SeriesRecords.Number(row[c], () => $"row: column '{names[c]}'");
            if (!double.IsNaN(values[c])) continue;
            if (Description.Options.Missing != MissingValues.CarryForward || _rows.Count == 0)
                throw new UserErrorException($"row: column '{names[c]}': expected a number, found a missing value" +
                    $"{(Description.Options.Missing == MissingValues.CarryForward ? ", and there is none before it to carry on" : "")}; give one.");
            values[c] = _rows.Values[c][^1];
        }
        return values;
    }

    // [known][horizon]
    private double[][] KnownValues(IReadOnlyList<IReadOnlyList<double>> rows, double? time)
    {
        IReadOnlyList<string> given = CalendarInputs.Given(Description.Options.Known);
        (int columns, int horizon) = (given.Count, Description.Horizon);
        if (columns < Description.Known.Count && time is null)
            throw new UserErrorException("time: the model has inputs of the calendar; give the time of the first row.");
        if (columns == 0 ? rows.Count > 0 : rows.Count != horizon || rows.Any(one => one.Count != columns || one.Any(v => !float.IsFinite((float)v))))
            throw new UserErrorException(columns == 0
                ? "known: the model has no inputs that are known in the future; leave them out."
                : $"known: expected {horizon} rows of {columns} numbers ({string.Join(", ", given)}), one for each of the next " +
                    $"steps, got {rows.Count} row{(rows.Count == 1 ? "" : "s")}.");
        return [.. Enumerable.Range(0, columns).Select(k => (double[])[.. rows.Select(one => one[k])]),
            .. columns < Description.Known.Count ? CalendarInputs.After(Description, time!.Value) : []];
    }

    private double? TimeOf(SeriesTime? time)
    {
        TimeAxis axis = Description.Axis;
        double? expected = axis.Kind == TimeKind.Row ? State.Position : _rows.Time is double last ? axis.After(last, 1) : null;
        if (time is not { } given) return expected;
        if (axis.Kind == TimeKind.Row) throw new UserErrorException("time: the model's rows have no times, they are one step apart; leave it out.");
        double own = given.In(axis.Kind) ?? throw new UserErrorException($"time: expected one written like {axis.Format(_rows.Time ?? 0)}.");
        if (_rows.Time is double before && !axis.IsNext(before, own))
            throw new UserErrorException($"time: expected {axis.Format(expected!.Value)}, one step ({axis.Step}) after {axis.Format(before)}, " +
                $"got {axis.Format(own)}; give every row, in the order of time.");
        return own;
    }

    // The kept rows as a series; the last one is row `place` from 0, which is its time where times are unknown.
    private Series Series(ForecastRows rows, long place)
    {
        TimeAxis axis = rows.Time is null ? TimeAxis.Rows : Description.Axis;
        double last = rows.Time ?? place;
        int future = Description.Known.Count > 0 ? Description.Horizon : 0;
        double[] times = [.. Enumerable.Range(1 - rows.Count, rows.Count + future).Select(i => i == 0 ? last : axis.After(last, i))];
        int[] places = [.. Enumerable.Range((int)place + 2 - rows.Count, times.Length)];
        string[] names = [.. Description.Options.Column, .. Description.Options.Input];
        return new Series(Source, "", axis, times, new RowPlaces(places, InMemory: true),
            [.. names.Select((name, c) => new Column(name, rows.Values[c]))],
            [.. Description.Options.Known.Select((name, k) => new Column(name, rows.Known[k]))]);
    }

    // A row that was taken up: the rows with it, as the network sees them.
    private sealed record Taken(ForecastRows Rows, ForecastSeries Series)
    {
        public bool Looks { get; set; }
    }

    private sealed class Part(ForecastSession session) : ISessionPart
    {
        public void Save(BinaryWriter writer) => session._rows.Save(writer);

        public void Load(BinaryReader reader)
        {
            session._rows = session._rows.Load(reader);
            session._taken = null;
        }
    }
}
