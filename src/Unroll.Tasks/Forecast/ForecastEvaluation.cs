using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>Measures a model on the test part of data, beside simple forecasts fitted to the training part of the same data.</summary>
public sealed class ForecastEvaluation
{
    private readonly ForecastModel _model;
    private readonly List<ForecastSeries> _series;
    private readonly List<Window[]> _windows = [];          // of each series

    private ForecastEvaluation(ForecastModel model, List<ForecastSeries> series) => (_model, _series) = (model, series);

    /// <summary>The report.</summary>
    public ForecastReport Report { get; private set; } = null!;

    /// <summary>The first step of every forecast, for curves: one for each series and column.</summary>
    public IReadOnlyList<ForecastCurve> Curves { get; private set; } = [];

    /// <summary>The network's outputs for the windows of each series, [windows, outputs].</summary>
    internal IReadOnlyList<float[]> Outputs { get; private set; } = [];

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="series">The data, from <see cref="ForecastModel.ReadData"/>; split by the shares of the model's options.</param>
    /// <param name="threads">Who does the work.</param>
    /// <exception cref="UserErrorException">The test part is too short.</exception>
    public static ForecastEvaluation Of(ForecastModel model, IReadOnlyList<Series> series, ThreadTeam threads)
    {
        ForecastEvaluation evaluation = new(model, [.. series.Select(s => new ForecastSeries(model.Description, s))]);
        evaluation.Measure(threads);
        return evaluation;
    }

    private ForecastDescription Description => _model.Description;

    private void Measure(ThreadTeam threads)
    {
        for (int i = 0; i < _series.Count; i++)
        {
            Split split = ForecastFit.SplitOf(_series[i].Series, Description.Options);
            _windows.Add([.. _series[i].Windows(0, split.TestRows)]);
            if (_windows[i].Length == 0)
                throw new UserErrorException($"{ForecastFit.NameOf(_series[i].Series)}: the test part has {split.Test} of {split.Length} rows, " +
                    $"too few for one forecast of {Description.Horizon} steps from row {Description.FirstOrigin} on; " +
                    "give more data, or a larger test part with --split.");
        }
        List<ForecastCurve> curves = [];
        List<ColumnReport> columns = [];
        List<float[]> outputs = [.. _series.Select((s, i) => _model.Run([s], _windows[i], threads))];
        for (int c = 0; c < Description.Columns.Count; c++) columns.Add(Column(c, outputs, curves));
        Series first = _series[0].Series;
        Report = new ForecastReport(columns, _windows.Sum(w => w.Length),
            first.Label(_windows[0][0].Origin), first.Label(_windows[0][^1].Origin + Description.Horizon - 1), Description.Options.Interval);
        Curves = curves;
        Outputs = outputs;
    }

    private ColumnReport Column(int c, List<float[]> outputs, List<ForecastCurve> curves)
    {
        List<ForecastScores> scores = [];
        double inside = 0, width = 0, count = 0;
        double[] squares = new double[Description.Horizon];
        for (int i = 0; i < _series.Count; i++)
        {
            Values values = Forecast(c, i, outputs[i]);
            scores.Add(ForecastScores.Of(values.Actual, values.Forecast, ScaleOf(c, i)));
            (double coverage, double meanWidth) = Metrics.Interval(values.Actual, values.Lower, values.Upper);
            int n = values.Actual.Length;
            (inside, width, count) = (inside + coverage * n, width + meanWidth * n, count + n);
            for (int k = 0; k < n; k++) squares[k % squares.Length] += Math.Pow(values.Actual[k] - values.Forecast[k], 2);
            curves.Add(Curve(c, i, values));
        }
        return new ColumnReport(Description.Columns[c].Name, ForecastScores.Together(scores), Baselines(c), inside / count, width / count,
            Array.ConvertAll(squares, s => Math.Sqrt(s * squares.Length / count)));
    }

    private sealed record Values(float[] Actual, float[] Forecast, float[] Lower, float[] Upper);

    private Values Forecast(int c, int i, float[] outputs)
    {
        Window[] windows = _windows[i];
        int horizon = Description.Horizon, n = windows.Length * horizon;
        ForecastSeries one = _series[i];
        Values values = new(BaselineForecasts.Actual(one.Series.Targets[c].Values, windows), new float[n], new float[n], new float[n]);
        for (int w = 0; w < windows.Length; w++)
            for (int step = 1; step <= horizon; step++)
            {
                int at = w * horizon + step - 1;
                (values.Forecast[at], values.Lower[at], values.Upper[at]) =
                    _model.IntervalAt(one, one.Levels, windows[w].Origin, step, c, ForecastCalibrator.Row(outputs, w, _model));
            }
        return values;
    }

    private ForecastCurve Curve(int c, int i, Values values)
    {
        int horizon = Description.Horizon;
        Window[] windows = _windows[i];
        float[] First(float[] all) => [.. Enumerable.Range(0, windows.Length).Select(w => all[w * horizon])];
        return new ForecastCurve(_series[i].Series.Name, Description.Columns[c].Name, [.. windows.Select(w => _series[i].Series.Label(w.Origin))],
            First(values.Actual), First(values.Forecast), First(values.Lower), First(values.Upper));
    }

    private double? ScaleOf(int c, int i) => Metrics.SeasonalScale(Training(c, i).Span, Description.Season);

    private ReadOnlyMemory<float> Training(int c, int i) =>
        new(_series[i].Series.Targets[c].Values, 0, ForecastFit.SplitOf(_series[i].Series, Description.Options).Train);

    private List<BaselineReport> Baselines(int c)
    {
        List<IBaseline> all = [new Persistence()];
        if (Description.Season > 1) all.Add(new SeasonalNaive(Description.Season));
        if (Autoregression(c) is { } autoregression) all.Add(autoregression);
        List<BaselineReport> reports = [];
        foreach (IBaseline baseline in all)
        {
            if (_windows.Any(w => w[0].Origin < baseline.MinimumHistory)) continue;
            reports.Add(new BaselineReport(baseline.Name, ForecastScores.Together([.. _series.Select((s, i) => ForecastScores.Of(
                BaselineForecasts.Actual(s.Series.Targets[c].Values, _windows[i]),
                BaselineForecasts.Of(baseline, s.Series.Targets[c].Values, _windows[i]), ScaleOf(c, i)))])));
        }
        return reports;
    }

    // Null where the training part has too few rows to fit it.
    private Autoregression? Autoregression(int c)
    {
        ReadOnlyMemory<float>[] training = [.. _series.Select((_, i) => Training(c, i))];
        int order = Unroll.Tasks.Data.Baselines.Autoregression.DefaultOrder(Description.Season, training.Min(part => part.Length));
        try
        {
            return Unroll.Tasks.Data.Baselines.Autoregression.Fit(training, order, Description.Horizon, MultiStep.Direct);
        }
        catch (UserErrorException)
        {
            return null;
        }
    }
}
