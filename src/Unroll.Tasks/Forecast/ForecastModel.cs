using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>A forecasting model: its description and its network. Opened from a file, it forecasts any data of the same columns.</summary>
public sealed class ForecastModel : ITaskModel
{
    private (double Lower, double Upper)[]? _ends;           // of each target, in units of its spread; null: not calibrated

    internal ForecastModel(ForecastDescription description, NetworkSpec? spec = null)
    {
        Head = new ForecastHead(description.Options.Loss, description.Options.Interval);
        Description = description;
        Runner = new ForecastNetwork(spec ?? ForecastNetwork.SpecOf(description, Head));
    }

    /// <summary>What it knows beside its weights.</summary>
    public ForecastDescription Description
    {
        get;
        internal set
        {
            field = value;
            bool calibrated = value.Calibration is { Errors.Count: > 0 };
            _ends = calibrated ? [.. Enumerable.Range(0, value.Targets).Select(k => value.Calibration!.Ends(k, value.Options.Interval))] : null;
        }
    }

    /// <inheritdoc/>
    public string Task => Description.Task;

    /// <summary>The network.</summary>
    public Network Network => Runner.Network;

    /// <summary>The SHA-256 of the weights, 64 lower-case hexadecimal digits.</summary>
    public string WeightsSha256 => WeightsHash.Compute(Network.Parameters);

    internal ForecastHead Head { get; }

    internal ForecastNetwork Runner { get; }

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static ForecastModel Open(string path)
    {
        ModelFile file = ModelFile.Load(path);
        ForecastModel model = new(ForecastDescription.FromJson(file.TaskJson, path), file.Spec);
        int outputs = model.Head.Loss.OutputsFor(model.Description.Targets);
        if (model.Network.InputSize != model.Description.Features || model.Network.OutputSize != outputs)
            throw new UserErrorException($"'{path}' is a damaged forecasting model: its network maps {model.Network.InputSize} features to " +
                $"{model.Network.OutputSize} outputs, and its description needs {model.Description.Features} and {outputs}; " +
                "fetch or train it again.");
        file.CopyInto(model.Network.Parameters);
        if (file.Precision == WeightPrecision.Int8) model.Network.Quantize();
        return model;
    }

    /// <summary>Writes the model file, all or nothing.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="UserErrorException">The file system refused.</exception>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, Description.ToJson(), Network.Parameters, Network.Precision);

    /// <inheritdoc/>
    /// <remarks>A window of the test part (of all data where nothing tests); of a model that runs through whole series, the beginning of a series.</remarks>
    public InspectionSubject Subject(string? data, int sequence, TextReader standardInput) => new ForecastSubject(this).Of(data, sequence, standardInput);

    /// <summary>
    /// Changes the shares that <see cref="ForecastEvaluation"/> splits data by; not written to the file unless the model is saved again.
    /// </summary>
    /// <param name="shares">As <see cref="ForecastOptions.Split"/>.</param>
    /// <exception cref="UserErrorException">They are not two shares.</exception>
    public void SplitBy(IReadOnlyList<double> shares) => Description = Description with { Options = Description.Options with { Split = shares } };

    /// <summary>Reads data as this model's: the same columns, policies and step.</summary>
    /// <param name="data">An embedded data set, a CSV file, or <c>-</c>.</param>
    /// <param name="standardInput">Read when <paramref name="data"/> is <c>-</c>.</param>
    /// <exception cref="UserErrorException">The data do not fit the model.</exception>
    public IReadOnlyList<Series> ReadData(string data, TextReader standardInput) => ForecastFit.ReadAgain(Description, data, standardInput);

    /// <summary>Forecasts the steps after the end of the data, with intervals.</summary>
    /// <param name="series">The data, from <see cref="ReadData"/>.</param>
    /// <param name="horizon">
    /// Steps; beyond the model's own horizon it goes on from its own forecasts, on 400 paths with errors drawn from its calibration.
    /// </param>
    /// <param name="threads">Who does the work.</param>
    /// <returns>Series by series, step by step, column by column.</returns>
    /// <exception cref="UserErrorException">A series is too short, or inputs known in the future are missing.</exception>
    public IReadOnlyList<ForecastPoint> Forecast(IReadOnlyList<Series> series, int horizon, ThreadTeam threads) =>
        [.. series.SelectMany(one => new ForecastPaths(this, one, threads).Forecast(Check.Between(1, 10_000, horizon, "horizon")))];

    /// <summary>The gates that a parameter stacks, or null.</summary>
    internal string? GatesOf(Parameter parameter) => Network.GatesOf(parameter);

    internal Window[] Windows(IReadOnlyList<ForecastSeries> series, Func<Split, Range> part) =>
        [.. series.SelectMany((s, i) => s.Windows(i, part(ForecastFit.SplitOf(s.Series, Description.Options))))];

    /// <summary>The outputs for many windows, [windows, outputs].</summary>
    internal float[] Run(IReadOnlyList<ForecastSeries> series, IReadOnlyList<Window> windows, ThreadTeam threads, Workspace? workspace = null)
    {
        void Fill(int i, int t, Span<float> row) => series[windows[i].Series].Rows(windows[i].Start + t, 1).CopyTo(row);

        if (!ThroughSeries) return Runner.Run(windows.Count, Description.Window, Fill, threads, workspace ?? new Workspace());
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

    /// <summary>Whether the state is carried on from a series' first step, rather than made anew in each window.</summary>
    internal bool ThroughSeries => Description.Options.Bptt.Count > 0;

    /// <summary>The squared error of the first column over the steps of a window, in the file's unit.</summary>
    internal double SquaredError(IReadOnlyList<ForecastSeries> series, Window window, ReadOnlySpan<float> outputs)
    {
        ForecastSeries one = series[window.Series];
        double sum = 0;
        for (int step = 1; step <= Description.Horizon; step++)
        {
            double center = Head.Read(outputs, (step - 1) * Description.Columns.Count).Center;
            double error = one.Series.Targets[0].Values[window.Origin + step - 1] - ValueAt(one, one.Levels, 0, window.Origin, step, center);
            sum += error * error;
        }
        return sum;
    }

    /// <summary>The value that many scales above the anchor.</summary>
    internal float ValueAt(ForecastSeries series, double[][] levels, int column, int origin, int step, double scales) =>
        Description.Columns[column].FromLevel(LevelAt(series, levels, column, origin, step, scales));

    internal double LevelAt(ForecastSeries series, double[][] levels, int column, int origin, int step, double scales) =>
        series.Anchor(levels, column, origin, step) + scales * Description.Columns[column].Scales[step - 1];

    /// <summary>Center and spreads of a target, the spread from the line where the network does not say it.</summary>
    internal (double Center, double Down, double Up) ReadTarget(
        ForecastSeries series, double[][] levels, int origin, int step, int column, ReadOnlySpan<float> outputs)
    {
        int target = (step - 1) * Description.Columns.Count + column;
        (double center, double down, double up) = Head.Read(outputs, target);
        if (Description.Calibration is not { Spreads.Count: > 0 } calibration) return (center, down, up);
        Standardizer level = Description.Columns[column].Level;
        double spread = calibration.Spreads[target].At((LevelAt(series, levels, column, origin, step, center) - level.Mean) / level.Deviation);
        return (center, spread, spread);
    }

    /// <summary>Forecast and interval in the file's numbers; the interval is NaN for a model whose training has not ended.</summary>
    internal (float Forecast, float Lower, float Upper) IntervalAt(
        ForecastSeries series, double[][] levels, int origin, int step, int column, ReadOnlySpan<float> outputs)
    {
        (double center, double down, double up) = ReadTarget(series, levels, origin, step, column, outputs);
        (double lower, double upper) = _ends?[(step - 1) * Description.Columns.Count + column] ?? (double.NaN, double.NaN);
        return (ValueAt(series, levels, column, origin, step, center),
            ValueAt(series, levels, column, origin, step, center + lower * (lower < 0 ? down : up)),
            ValueAt(series, levels, column, origin, step, center + upper * (upper < 0 ? down : up)));
    }
}
