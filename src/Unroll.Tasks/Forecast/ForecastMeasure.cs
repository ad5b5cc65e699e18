using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>The training part of a series, which simple forecasts are fitted to.</summary>
/// <param name="Name">The series' name.</param>
/// <param name="Columns">[columns]: the values of the part.</param>
internal sealed record TrainingPart(string Name, IReadOnlyList<ReadOnlyMemory<double>> Columns);

/// <summary>Measures a model on a part of each of some series, beside simple forecasts.</summary>
internal sealed class ForecastMeasure
{
    private readonly ForecastModel _model;
    private readonly ForecastSeries[] _series;
    private readonly Window[][] _windows;                    // of each series
    private readonly float[][] _outputs;                     // of each series, [windows, outputs]
    private readonly IReadOnlyList<TrainingPart>? _training;

    /// <param name="model">The model.</param>
    /// <param name="series">The series, with the model's columns.</param>
    /// <param name="part">The rows of each that are forecast; what is before them may be looked at.</param>
    /// <param name="training">What simple forecasts are fitted to; null: those that need fitting are left out.</param>
    /// <param name="threads">The threads.</param>
    /// <exception cref="UserErrorException">A part is too short for one forecast.</exception>
    internal ForecastMeasure(
        ForecastModel model, IReadOnlyList<Series> series, Func<Series, Range> part, IReadOnlyList<TrainingPart>? training, ThreadTeam? threads)
    {
        (_model, _training) = (model, training);
        _series = [.. series.Select(s => new ForecastSeries(model.Description, s))];
        _windows = [.. _series.Select(one => Windows(one, part(one.Series)))];
        _outputs = [.. _series.Select((s, i) => model.Run([s], _windows[i], TaskThreads.Or(threads)))];
    }

    private ForecastDescription Description => _model.Description;

    /// <summary>The training parts of series that are split by the shares of the options.</summary>
    internal static IReadOnlyList<TrainingPart> TrainingOf(IReadOnlyList<Series> series, ForecastOptions options) =>
        [.. series.Select(one => new TrainingPart(one.Name,
            [.. one.Targets.Select(column => new ReadOnlyMemory<double>(column.Values, 0, ForecastFit.SplitOf(one, options).Train))]))];

    internal ForecastEvaluation Evaluate()
    {
        List<ForecastCurve> curves = [];
        ColumnReport[] columns = [.. Enumerable.Range(0, Description.Columns.Count).Select(c => Column(c, curves))];
        Series first = _series[0].Series;
        return new ForecastEvaluation(columns, _windows.Sum(w => w.Length), first.Label(_windows[0][0].Origin),
            first.Label(_windows[0][^1].Origin + Description.Horizon - 1), Description.Options.Interval) { Curves = curves };
    }

    private Window[] Windows(ForecastSeries one, Range part)
    {
        Window[] windows = [.. one.Windows(0, part)];
        (int from, int rows) = part.GetOffsetAndLength(one.Series.Length);
        return windows.Length > 0 ? windows : throw new UserErrorException(
            $"{ForecastFit.NameOf(one.Series)}: {(from == 0 ? "it" : "the test part")} has {rows} of {one.Series.Length} rows, " +
            $"too few for one forecast of {Description.Horizon} steps from row {Description.FirstOrigin} on; " +
            $"give more data{(from == 0 ? "" : ", or a larger test part (split)")}.");
    }

    private ColumnReport Column(int c, List<ForecastCurve> curves)
    {
        List<ForecastScores> scores = [];
        double inside = 0, width = 0, count = 0;
        double[] squares = new double[Description.Horizon];
        for (int i = 0; i < _series.Length; i++)
        {
            Values values = Forecast(c, i);
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

    private sealed record Values(double[] Actual, double[] Forecast, double[] Lower, double[] Upper);

    private Values Forecast(int c, int i)
    {
        Window[] windows = _windows[i];
        int horizon = Description.Horizon, n = windows.Length * horizon;
        ForecastSeries one = _series[i];
        Values values = new(BaselineForecasts.Actual(one.Series.Targets[c].Values, windows), new double[n], new double[n], new double[n]);
        for (int w = 0; w < windows.Length; w++)
            for (int step = 1; step <= horizon; step++)
            {
                int at = w * horizon + step - 1;
                (values.Forecast[at], values.Lower[at], values.Upper[at]) =
                    _model.IntervalAt(one, one.Levels, windows[w].Origin, step, c, ForecastCalibrator.Row(_outputs[i], w, _model));
            }
        return values;
    }

    private ForecastCurve Curve(int c, int i, Values values)
    {
        int horizon = Description.Horizon;
        Window[] windows = _windows[i];
        double[] First(double[] all) => [.. Enumerable.Range(0, windows.Length).Select(w => all[w * horizon])];
        return new ForecastCurve(_series[i].Series.Name, Description.Columns[c].Name, [.. windows.Select(w => _series[i].Series.Label(w.Origin))],
            First(values.Actual), First(values.Forecast), First(values.Lower), First(values.Upper));
    }

    // Of the same series of the training data; of one that is not among them, the mean of all.
    private double? ScaleOf(int c, int i)
    {
        if (_training is null) return null;
        if (_training.FirstOrDefault(part => part.Name == _series[i].Series.Name) is { } own) return ScaleOf(own);
        double[] all = [.. _training.Select(ScaleOf).OfType<double>()];
        return all.Length > 0 ? all.Average() : null;

        double? ScaleOf(TrainingPart part) => Metrics.SeasonalScale(part.Columns[c].Span, Description.Season);
    }

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
        if (_training is null) return null;
        ReadOnlyMemory<double>[] training = [.. _training.Select(part => part.Columns[c])];
        // Of data that are measured whole no more rows than there are before the first window.
        int order = Math.Min(Data.Baselines.Autoregression.DefaultOrder(Description.Season, training.Min(part => part.Length)),
            _windows.Min(w => w[0].Origin));
        try
        {
            return Data.Baselines.Autoregression.Fit(training, order, Description.Horizon, MultiStep.Direct);
        }
        catch (UserErrorException)
        {
            return null;
        }
    }
}
