using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>
/// A forecasting model: its description and its network. Trained on series in memory or opened from a file, it forecasts any series of the same
/// columns.
/// </summary>
/// <remarks>Safe for use by several threads at once as long as nobody trains or quantizes it.</remarks>
public sealed class ForecastModel : ITaskModel
{
    private readonly HashOnce _hash = new();

    internal static readonly double[] Deciles = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    private (double Lower, double Upper)[][] _fan = [];      // of the levels 0.8, 0.6, 0.4, 0.2, as the ends below
    private (double Lower, double Upper)[]? _ends;           // of each target, in units of its spread; null: not calibrated

    internal ForecastModel(ForecastDescription description, NetworkSpec? spec = null, CellCatalog? cells = null)
    {
        Head = ForecastHead.Of(description);
        Members = description.Options.Members == 1 ? [this] : [.. Ensemble.OptionsOfEach(description.Options).Select(own =>
            new ForecastModel(description with { Options = own }, spec, cells))];
        Description = description;
        Runner = Members.Count > 1 ? Members[0].Runner : new ForecastNetwork(spec ?? ForecastNetwork.SpecOf(description, Head), cells);
    }

    /// <summary>What it knows beside its weights.</summary>
    public ForecastDescription Description
    {
        get;
        internal set
        {
            field = value;
            // Mixture and intervals are those of all members together.
            if (Members.Count > 1)
                foreach ((int k, ForecastModel member) in Members.Index())
                    member.Description = value with { Options = Ensemble.Options(value.Options, k + 1) };
            bool calibrated = value.Calibration is { Errors.Count: > 0 };
            _fan = !calibrated ? [] : [.. Enumerable.Range(1, 4).Select(i => ((double, double)[])
                [.. Enumerable.Range(0, value.Targets).Select(k => value.Calibration!.Ends(k, 1 - 0.2 * i))])];
            _ends = calibrated ? [.. Enumerable.Range(0, value.Targets).Select(k => value.Calibration!.Ends(k, value.Options.Interval))] : null;
        }
    }

    /// <inheritdoc/>
    public string Task => Description.Task;

    /// <summary>The options of the run it came from, with everything that was chosen filled in.</summary>
    public ForecastOptions Options => Description.Options;

    TaskOptions ITaskModel.Options => Options;

    /// <summary>The network; of several members that of the first.</summary>
    public Network Network => Runner.Network;

    /// <inheritdoc cref="ITaskModel.Members"/>
    public IReadOnlyList<ForecastModel> Members { get; }

    IReadOnlyList<ITaskModel> ITaskModel.Members => Members;

    /// <summary>The SHA-256 of the weights, 64 lower-case hexadecimal digits.</summary>
    public string WeightsSha256 => _hash.Of(this);

    internal ForecastHead Head { get; }

    internal ForecastNetwork Runner { get; }

    /// <summary>
    /// Trains a model on one series; see <see cref="Train(IReadOnlyList{Series}, ForecastOptions?, IProgress{TrainingProgress}?,
    /// CancellationToken)"/>.
    /// </summary>
    public static ForecastModel Train(
        Series series, ForecastOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default) =>
        Train([series], options, progress, stop);

    /// <summary>Trains a model on series in memory.</summary>
    /// <param name="series">The series, all with the same columns.</param>
    /// <param name="options">The run; null: the defaults.</param>
    /// <param name="progress">Told of every step and epoch; null: nobody.</param>
    /// <param name="stop">Asks the run to end after the step under way; what was learned is kept.</param>
    /// <returns>The model of the best epoch, its intervals calibrated.</returns>
    /// <exception cref="UserErrorException">The series or the options will not do; one line that says where and why.</exception>
    public static ForecastModel Train(
        IReadOnlyList<Series> series, ForecastOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        ForecastRun run = ForecastRun.Begin(options ?? new ForecastOptions(), series);
        foreach (TrainingProgress one in run.Loop.Run(stop)) progress?.Report(one);
        run.Finish(measure: false);
        return run.Model;
    }

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static ForecastModel Open(string path, CellCatalog? cells = null) => Open(ModelFile.Load(path, cells));

    /// <summary>Makes the model of a model file that has been read, from a stream for instance.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="UserErrorException">It is a model of another task, or damaged.</exception>
    public static ForecastModel Open(ModelFile file)
    {
        ForecastDescription description = ForecastDescription.FromJson(file.TaskJson, file.Name);
        Ensemble.Require(file, description.Options);
        ForecastModel model = new(description, file.Spec, file.Cells);
        int outputs = model.Head.Loss.OutputsFor(model.Description.Targets);
        if (model.Network.InputSize != model.Description.StepFeatures || model.Network.OutputSize != outputs)
            throw new UserErrorException($"'{file.Name}' is a damaged forecasting model: its network maps {model.Network.InputSize} features to " +
                $"{model.Network.OutputSize} outputs, and its description needs {model.Description.StepFeatures} and " +
                $"{outputs}; " +
                "fetch or train it again.");
        foreach ((int k, ForecastModel member) in model.Members.Index())
        {
            file.CopyInto(member.Network.Parameters, k + 1);
            member.Network.Quantize(file.Precision);
        }
        return model;
    }

    /// <summary>Writes the model file, all or nothing.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="UserErrorException">The file system refused.</exception>
    public void Save(string path) =>
        ModelFile.Save(path, Network.Spec, Description.ToJson(), Ensemble.Weights(this), Network.Precision, Network.Cells);

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json) => ForecastAbout.Write(json, Description);

    /// <inheritdoc/>
    /// <remarks>
    /// A window of the test part (of all data where nothing tests); of a model that runs through whole series, the beginning of a series.
    /// </remarks>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files) => new ForecastSubject(this).Of(data, sequence, files);

    /// <summary>Reads a table as this model's data: the same columns, policies and step.</summary>
    /// <param name="data">
    /// An embedded data set, a CSV file, or what <paramref name="files"/> has under that name; null: the data it was trained on.
    /// </param>
    /// <param name="files">What names stand for; null: the files of the disk.</param>
    /// <exception cref="UserErrorException">The data do not fit the model.</exception>
    public IReadOnlyList<Series> ReadData(string? data, DataFiles? files = null) => ReadData(data, files, future: null);

    /// <param name="data">As above.</param>
    /// <param name="files">As above.</param>
    /// <param name="future">A table of what is known of the rows after the data; null: the data have it.</param>
    internal IReadOnlyList<Series> ReadData(string? data, DataFiles? files, string? future) =>
        ForecastData.Read(Description, data ?? ForecastData.NameOf(Options.Data), files ?? DataFiles.Disk, future);

    /// <summary>
    /// Forecasts the steps after the end of a series; see <see cref="Forecast(IReadOnlyList{Series}, int?, ThreadTeam?, CancellationToken,
    /// Action{string}?)"/>.
    /// </summary>
    public IReadOnlyList<ForecastPoint> Forecast(Series series, int? horizon = null, ThreadTeam? threads = null, CancellationToken stop = default) =>
        Forecast([series], horizon, threads, stop);

    /// <summary>Forecasts the steps after the end of each series, with intervals.</summary>
    /// <param name="series">Series with the model's columns, in any order.</param>
    /// <param name="horizon">
    /// Steps, 1 … 10,000; null: the model's own horizon, beyond which it goes on from its own forecasts, on 400 paths with errors drawn from its
    /// calibration.
    /// </param>
    /// <param name="threads">The threads; null: one. Their number changes no bit.</param>
    /// <param name="stop">Ends the call between two series.</param>
    /// <param name="note">
    /// Told of series that are too short, which are passed over where others are not; null: one that is too short is refused.
    /// </param>
    /// <returns>Series by series, step by step, column by column.</returns>
    /// <exception cref="UserErrorException">A series is too short or lacks a column, or inputs known in the future are missing.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<ForecastPoint> Forecast(
        IReadOnlyList<Series> series, int? horizon = null, ThreadTeam? threads = null, CancellationToken stop = default,
        Action<string>? note = null)
    {
        int steps = horizon is int asked ? Check.Between(1, 10_000, asked, "horizon") : Description.Horizon;
        List<ForecastPoint> points = [];
        series = SeriesPadding.ToForecast(Description, ForecastData.Matching(Description, series), note);
        series = SeriesTooShort.PassOver(series, one => ForecastPaths.Problem(Description, one), note);
        series = CalendarInputs.Extended(Description, series, steps);
        CalendarInputs.NoteEnd(Description, series, steps, note);
        BeyondTraining.Say(Description, series, one => ThroughSeries ? Description.FirstStep.. : ^Description.FirstOrigin.., note);
        foreach (Series one in series)
        {
            stop.ThrowIfCancellationRequested();
            points.AddRange(new ForecastPaths(this, one, TaskThreads.Or(threads)).Forecast(steps));
        }
        return points;
    }

    /// <summary>Draws paths of the steps after the end of each series: forecasts with errors as those of the calibration.</summary>
    /// <param name="series">Series with the model's columns.</param>
    /// <param name="count">Paths, 1 … 10,000.</param>
    /// <param name="horizon">Steps; null: the model's own horizon.</param>
    /// <param name="threads">The threads; null: one.</param>
    /// <returns>Series by series, step by step, column by column. Equal seeds of the model give equal paths.</returns>
    /// <exception cref="UserErrorException">As in the forecast; or the training has not ended.</exception>
    public IReadOnlyList<ForecastPath> Paths(IReadOnlyList<Series> series, int count, int? horizon = null, ThreadTeam? threads = null)
    {
        int steps = horizon is int asked ? Check.Between(1, 10_000, asked, "horizon") : Description.Horizon;
        Check.Between(1, 10_000, count, "paths");
        series = CalendarInputs.Extended(Description, ForecastData.Matching(Description, series), steps);
        return [.. series.Where(one => ForecastPaths.Problem(Description, one) is null).SelectMany(one =>
            new ForecastPaths(this, one, TaskThreads.Or(threads), count).Sample(steps))];
    }

    /// <summary>
    /// Measures the model on the test part of the series that it was trained on, beside simple forecasts fitted to their training part.
    /// </summary>
    /// <param name="series">The series.</param>
    /// <param name="split">The shares to train on and to validate on; null: those of the run.</param>
    /// <param name="threads">The threads; null: one.</param>
    /// <param name="note">Told of series that are too short, as in <see cref="Forecast(IReadOnlyList{Series}, int?, ThreadTeam?,
    /// CancellationToken, Action{string}?)"/>.</param>
    /// <exception cref="UserErrorException">The test part is too short.</exception>
    public ForecastEvaluation EvaluateTest(
        IReadOnlyList<Series> series, IReadOnlyList<double>? split = null, ThreadTeam? threads = null, Action<string>? note = null)
    {
        ForecastOptions options = split is null ? Options : Options with { Split = split };
        series = ForecastData.Matching(Description, series);
        if (Description.Scales.Count > 0)
            series = SeriesPadding.ToTrain(series, options, Description.FirstOrigin, Description.ShorterSeason, note);
        ForecastRuleFits fits = new();
        ForecastEvaluation Measure(ForecastModel model) => new ForecastMeasure(model, series, one => ForecastFit.SplitOf(one, options).TestRows,
            ForecastMeasure.TrainingOf(series, options), threads, model == this || note is null ? note : _ => { }, fits).Evaluate(model == this);
        return MemberScores.With(Measure(this), this, Measure);
    }

    /// <summary>Measures the model on all of series that it was not trained on.</summary>
    /// <param name="series">The series.</param>
    /// <param name="trainedOn">
    /// The series that it was trained on, whose training part fits the simple forecasts; null: those that need fitting are left out.
    /// </param>
    /// <param name="threads">The threads; null: one.</param>
    /// <param name="note">Told of series that are too short, as in <see cref="Forecast(IReadOnlyList{Series}, int?, ThreadTeam?,
    /// CancellationToken, Action{string}?)"/>.</param>
    /// <exception cref="UserErrorException">A series is too short.</exception>
    public ForecastEvaluation Evaluate(
        IReadOnlyList<Series> series, IReadOnlyList<Series>? trainedOn = null, ThreadTeam? threads = null, Action<string>? note = null)
    {
        series = SeriesPadding.ToForecast(Description, ForecastData.Matching(Description, series), note);
        BeyondTraining.Say(Description, series, one => ..one.Length, note);
        IReadOnlyList<TrainingPart>? training =
            trainedOn is null ? null : ForecastMeasure.TrainingOf(ForecastData.Matching(Description, trainedOn), Options);
        ForecastRuleFits fits = new();
        ForecastEvaluation Measure(ForecastModel model) => new ForecastMeasure(model, series, one => ..one.Length, training, threads,
            model == this || note is null ? note : _ => { }, fits).Evaluate(model == this);
        return MemberScores.With(Measure(this), this, Measure);
    }

    /// <summary>Begins a session: a row in, the forecast of the next steps out.</summary>
    /// <param name="keepEvery">A snapshot is kept every so many rows, for <see cref="SessionState.Rewind"/>; 0: none.</param>
    /// <param name="keepLast">How many snapshots are kept.</param>
    public ForecastSession NewSession(int keepEvery = 0, int keepLast = 16) => new(this, keepEvery, keepLast);

    ITaskSession? ITaskModel.NewSession() => NewSession();

    /// <summary>The forecast of the first steps after a row, of outputs of the network for it.</summary>
    internal IEnumerable<ForecastPoint> Points(ForecastSeries series, float[] outputs, int steps)
    {
        Outlook outlook = series.At(series.Series.Length);
        for (int step = 1; step <= steps; step++)
            for (int c = 0; c < Description.Columns.Count; c++)
                yield return Point(series.Series, c, step, outlook.Unit(c).Size, IntervalAt(outlook, step, c, outputs));
    }

    internal ForecastPoint Point(Series series, int c, int step, double size, (double Forecast, double Lower, double Upper) value)
    {
        double scale = size * Description.Columns[c].Scales[(step - 1) % Description.Horizon];
        double Digits(double number) => ForecastModel.Digits(number, scale * Description.Columns[c].Transform.Slope(value.Forecast));
        return new ForecastPoint(series.Name, Description.Columns[c].Name, step, series.Label(series.Length + step - 1), Digits(value.Forecast),
            Digits(value.Lower), Digits(value.Upper))
        {
            Date = series.Date(series.Length + step - 1),
        };
    }

    // Seven digits of the scale, which is what a network in float32 has to say; the series' own digits before them stay, however many. Rounding all
    // three alike keeps their order.
    private static double Digits(double value, double scale)
    {
        double digits = scale > 0 ? 6 - Math.Floor(Math.Log10(scale)) : 16;
        return digits <= 15 ? Math.Round(value, Math.Max(0, (int)digits)) : value;
    }

    /// <summary>The gates that a parameter stacks, or null.</summary>
    internal string? GatesOf(Parameter parameter) => Network.GatesOf(parameter);

    internal Window[] Windows(IReadOnlyList<ForecastSeries> series, Func<Split, System.Range> part) =>
        [.. series.SelectMany((s, i) => s.Windows(i, part(ForecastFit.SplitOf(s.Series, Description.Options))))];

    /// <summary>The outputs for many windows, [windows, outputs].</summary>
    internal float[] Run(IReadOnlyList<ForecastSeries> series, IReadOnlyList<Window> windows, ThreadTeam threads, Workspace? workspace = null)
    {
        int Fill(int i, Span<float> features)
        {
            series[windows[i].Series].WindowRows(windows[i].Start, features);
            return series[windows[i].Series].Group;
        }

        if (!ThroughSeries) return RunWindows(windows.Count, Fill, threads, workspace ?? new Workspace());
        if (Members.Count > 1) return Ensemble.Mean([.. Members.Select(member => member.Run(series, windows, threads, workspace))]);
        int outputs = Network.OutputSize;
        float[] result = new float[windows.Count * outputs];
        foreach (IGrouping<int, int> one in Enumerable.Range(0, windows.Count).GroupBy(i => windows[i].Series))
        {
            float[] all = new ForecastSequenceRun(this, series[one.Key]).Run(one.Max(i => windows[i].Origin), threads, workspace ?? new Workspace());
            foreach (int i in one)
                all.AsSpan((windows[i].Origin - 1 - Description.FirstStep) * outputs, outputs).CopyTo(result.AsSpan(i * outputs));
        }
        return result;
    }

    /// <summary>The outputs for many windows, [windows, outputs]: the mean over the members.</summary>
    internal float[] RunWindows(int windows, FillWindow fill, ThreadTeam threads, Workspace workspace) =>
        Ensemble.Mean([.. Members.Select(member => member.Runner.Run(windows, Description.Steps, fill, threads, workspace))]);

    /// <summary>Whether the state is carried on from a series' first step, rather than made anew in each window.</summary>
    internal bool ThroughSeries => Description.Options.Bptt.Count > 0;

    /// <summary>Adds the squared errors of the first column over the measured steps of a window, in the file's unit, and their number.</summary>
    internal void AddSquaredErrors(
        IReadOnlyList<ForecastSeries> series, Window window, ReadOnlySpan<float> outputs, ref double squares, ref long measured)
    {
        ForecastSeries one = series[window.Series];
        Outlook outlook = one.At(window.Origin);
        for (int step = 1; step <= Description.Horizon; step++)
        {
            if (!one.Series.IsScored(0, window.Origin, step)) continue;
            double center = ReadTarget(outlook, step, 0, outputs).Center;
            double error = one.Series.Targets[0].Values[window.Origin + step - 1] - ValueAt(outlook, 0, step, center);
            (squares, measured) = (squares + error * error, measured + 1);
        }
    }

    /// <summary>The value that many scales above the anchor.</summary>
    internal double ValueAt(Outlook outlook, int column, int step, double scales) => FromLevel(column, outlook.Level(column, step, scales));

    /// <summary>The value of a level in the file's numbers, within the bounds of the options.</summary>
    internal double FromLevel(int column, double level) => TargetBounds.Within(Options, Description.Columns[column].FromLevel(level));

    /// <summary>Center and spreads of a target, the spread from the line where the network does not say it.</summary>
    internal (double Center, double Down, double Up) ReadTarget(Outlook outlook, int step, int column, ReadOnlySpan<float> outputs)
    {
        int target = (step - 1) * Description.Columns.Count + column;
        (double center, double down, double up) = Head.Read(outputs, target);
        center = outlook.Mixed(column, step, center);
        double own = outlook.Spread(column);
        if (Description.Calibration is not { Spreads.Count: > 0 } calibration) return (center, down * own, up * own);
        Standardizer level = Description.Columns[column].Level;
        double spread = calibration.Spreads[target].At((outlook.Relative(column, step, center) - level.Mean) / level.Deviation) * own;
        return (center, spread, spread);
    }

    /// <summary>Forecast and interval in the file's numbers; the interval is NaN for a model whose training has not ended.</summary>
    internal (double Forecast, double Lower, double Upper) IntervalAt(Outlook outlook, int step, int column, ReadOnlySpan<float> outputs)
    {
        (double center, double down, double up) = ReadTarget(outlook, step, column, outputs);
        (double lower, double upper) = _ends?[(step - 1) * Description.Columns.Count + column] ?? (double.NaN, double.NaN);
        double low = ValueAt(outlook, column, step, center + lower * (lower < 0 ? down : up)),
            high = ValueAt(outlook, column, step, center + upper * (upper < 0 ? down : up));
        double value = ValueAt(outlook, column, step, center);
        double above = Options.Loss == ForecastLoss.Mse && _ends is not null ? outlook.MeanAbove(column, step, value, down) : 0;
        return (above == 0 ? value : Math.Clamp(value + above, Math.Min(low, value), Math.Max(high, value)), low, high);
    }

    /// <summary>The quantiles 0.1 … 0.9 in the file's numbers, ascending; NaN for a model whose training has not ended.</summary>
    internal void DecilesAt(Outlook outlook, int step, int column, ReadOnlySpan<float> outputs, Span<double> deciles)
    {
        deciles.Fill(double.NaN);
        if (_fan.Length == 0) return;
        (double center, double down, double up) = ReadTarget(outlook, step, column, outputs);
        if (Head.Deciles(outputs, (step - 1) * Description.Columns.Count + column, deciles))
        {
            foreach (ref double value in deciles) value = ValueAt(outlook, column, step, value);
            return;
        }
        deciles[4] = ValueAt(outlook, column, step, center);
        for (int i = 0; i < 4; i++)
        {
            (double lower, double upper) = _fan[i][(step - 1) * Description.Columns.Count + column];
            deciles[i] = ValueAt(outlook, column, step, center + lower * (lower < 0 ? down : up));
            deciles[8 - i] = ValueAt(outlook, column, step, center + upper * (upper < 0 ? down : up));
        }
    }
}
