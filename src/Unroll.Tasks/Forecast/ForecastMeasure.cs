using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>The training part of a series, which simple forecasts are fitted to.</summary>
/// <param name="Name">The series' name.</param>
/// <param name="Columns">[columns]: the values of the part.</param>
/// <param name="Series">The series itself, which knows what was measured.</param>
internal sealed record TrainingPart(string Name, IReadOnlyList<ReadOnlyMemory<double>> Columns, Series Series);

/// <summary>Measures a model on a part of each of some series, beside simple forecasts.</summary>
internal sealed class ForecastMeasure
{
    private const int Fans = 4;                              // origins that the page shows
    private readonly ForecastModel _model;
    private readonly ForecastSeries[] _series;
    private readonly Window[][] _windows;                    // of each series
    private readonly float[][] _outputs;                     // of each series, [windows, outputs]
    private readonly IReadOnlyList<TrainingPart>? _training;
    private readonly ForecastRuleFits _fits;

    /// <param name="model">The model.</param>
    /// <param name="series">The series, with the model's columns.</param>
    /// <param name="part">The rows of each that are forecast; what is before them may be looked at.</param>
    /// <param name="training">What simple forecasts are fitted to; null: those that need fitting are left out.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="note">Told of parts that are too short; null: nobody.</param>
    /// <param name="fits">Rules that other measurements of the series have fitted; null: none.</param>
    /// <exception cref="UserErrorException">All parts are too short for one forecast, or one is and nobody is told.</exception>
    internal ForecastMeasure(
        ForecastModel model, IReadOnlyList<Series> series, Func<Series, Range> part, IReadOnlyList<TrainingPart>? training, ThreadTeam? threads,
        Action<string>? note, ForecastRuleFits? fits = null)
    {
        (_model, _training, _fits) = (model, training, fits ?? new ForecastRuleFits());
        Dictionary<Series, ForecastSeries> all = series.ToDictionary(s => s, s => new ForecastSeries(model.Description, s));
        _series = [.. SeriesTooShort.PassOver(series, one => Problem(all[one], part(one)), note).Select(one => all[one])];
        _windows = [.. _series.Select(one => one.Windows(0, part(one.Series)).ToArray())];
        _outputs = [.. _series.Select((s, i) => model.Run([s], _windows[i], TaskThreads.Or(threads)))];
    }

    private ForecastDescription Description => _model.Description;

    /// <summary>The training parts of series that are split by the shares of the options.</summary>
    internal static IReadOnlyList<TrainingPart> TrainingOf(IReadOnlyList<Series> series, ForecastOptions options) =>
        [.. series.Select(one => new TrainingPart(one.Name,
            [.. one.Targets.Select(column => new ReadOnlyMemory<double>(column.Values, 0, ForecastFit.SplitOf(one, options).Train))], one))];

    /// <param name="rules">Whether simple forecasts stand beside it; they are those of the model, and not of each member.</param>
    internal ForecastEvaluation Evaluate(bool rules = true)
    {
        List<ForecastCurve> curves = [];
        List<ForecastFan> fans = [];
        ColumnReport[] columns = [.. Enumerable.Range(0, Description.Columns.Count).Select(c => Column(c, curves, fans, rules))];
        Series first = _series[0].Series;
        return new ForecastEvaluation(columns, _windows.Sum(w => w.Length), first.Label(_windows[0][0].Origin),
            first.Label(_windows[0][^1].Origin + Description.Horizon - 1), Description.Options.Interval) { Curves = curves, Fans = fans };
    }

    private string? Problem(ForecastSeries one, Range part)
    {
        if (one.Windows(0, part).Any()) return null;
        (int from, int rows) = part.GetOffsetAndLength(one.Series.Length);
        return $"{ForecastFit.NameOf(one.Series)}: {(from == 0 ? "it" : "the test part")} has {rows} of {one.Series.Length} rows, " +
            $"too few for one forecast of {Description.Horizon} steps from row {Description.FirstOrigin} on; " +
            $"give more data{(from == 0 ? "" : ", or a larger test part (split)")}.";
    }

    private ColumnReport Column(int c, List<ForecastCurve> curves, List<ForecastFan> fans, bool rules)
    {
        RuleReports reports = new(
            Description, c, _series, _windows, _fits.Of(Description, c, _series, _training, _windows.Min(w => w[0].Origin)), i => ScaleOf(c, i));
        List<ForecastScores> scores = [];
        List<SeriesReport> own = [];
        double inside = 0, width = 0, count = 0, crps = 0, size = 0;
        double? msis = 0;
        double[] squares = new double[Description.Horizon], counts = new double[Description.Horizon];
        for (int i = 0; i < _series.Length; i++)
        {
            Values values = Forecast(c, i);
            if (values.Actual.Length == 0) continue;
            scores.Add(ForecastScores.Of(values.Actual, values.Forecast, ScaleOf(c, i)));
            reports.Take(i, values.Windows, values.Steps, values.Actual, values.Forecast);
            (double coverage, double meanWidth) = Metrics.Interval(values.Actual, values.Lower, values.Upper);
            own.Add(new SeriesReport(_series[i].Series.Name, scores[^1], coverage, meanWidth));
            int n = values.Actual.Length;
            msis += n * Metrics.Msis(values.Actual, values.Lower, values.Upper, Description.Options.Interval, ScaleOf(c, i));
            (crps, size) = (crps + values.Crps.Sum(), size + values.Actual.Sum(Math.Abs));
            (inside, width, count) = (inside + coverage * n, width + meanWidth * n, count + n);
            for (int k = 0; k < n; k++)
            {
                squares[values.Steps[k] - 1] += Math.Pow(values.Actual[k] - values.Forecast[k], 2);
                counts[values.Steps[k] - 1]++;
            }
            curves.Add(Curve(c, i, values));
        }
        if (scores.Count > 0) AddFans(c, fans);
        else
            throw new UserErrorException($"{_series[0].Series.Source}: column '{Description.Columns[c].Name}' has no measured value to measure by; " +
                "all of them were filled in.");
        return new ColumnReport(Description.Columns[c].Name, ForecastScores.Together(scores), rules ? reports.All() : [],
            inside / count, width / count, [.. squares.Zip(counts, (sum, n) => Math.Sqrt(sum / n))])
        {
            Owa = reports.Owa(),
            Msis = msis / count,
            Crps = crps / count,
            Wql = size > 0 ? crps / size : null,
            Naive = reports.Naive(),
            Series = own,
        };
    }

    // Of the steps that were measured, window by window.
    private sealed record Values(int[] Origins, int[] Windows, int[] Steps, double[] Actual, double[] Forecast, double[] Lower, double[] Upper,
        double[] Crps);

    private Values Forecast(int c, int i)
    {
        ForecastSeries one = _series[i];
        List<(int Origin, int Window, int Step, double Actual, (double Forecast, double Lower, double Upper) Said, double Crps)> all = [];
        double[] deciles = new double[ForecastModel.Deciles.Length];
        for (int w = 0; w < _windows[i].Length; w++)
        {
            int origin = _windows[i][w].Origin;
            Outlook outlook = one.At(origin);
            foreach (int step in Scored(c, i, w))
            {
                double actual = one.Series.Targets[c].Values[origin + step - 1];
                ReadOnlySpan<float> row = ForecastCalibrator.Row(_outputs[i], w, _model);
                _model.DecilesAt(outlook, step, c, row, deciles);
                all.Add((origin, w, step, actual, _model.IntervalAt(outlook, step, c, row),
                    Metrics.Crps(actual, deciles, ForecastModel.Deciles)));
            }
        }
        return new Values(
            [.. all.Select(v => v.Origin)], [.. all.Select(v => v.Window)], [.. all.Select(v => v.Step)], [.. all.Select(v => v.Actual)],
            [.. all.Select(v => v.Said.Forecast)], [.. all.Select(v => v.Said.Lower)], [.. all.Select(v => v.Said.Upper)],
            [.. all.Select(v => v.Crps)]);
    }

    // Of the series whose error is largest in its own scale, some origins from the first to the last.
    private void AddFans(int c, List<ForecastFan> fans)
    {
        if (Description.Horizon == 1) return;
        int worst = Enumerable.Range(0, _series.Length).MaxBy(i => Error(c, i)), count = _windows[worst].Length;
        foreach (int w in Enumerable.Range(0, Fans).Select(k => k * (count - 1) / (Fans - 1)).Distinct()) fans.Add(Fan(c, worst, w));
    }

    private double Error(int c, int i)
    {
        Values values = Forecast(c, i);
        if (values.Actual.Length == 0) return -1;
        return Metrics.Mase(values.Actual, values.Forecast, ScaleOf(c, i)) ?? Metrics.Smape(values.Actual, values.Forecast);
    }

    private ForecastFan Fan(int c, int i, int w)
    {
        ForecastSeries one = _series[i];
        int origin = _windows[i][w].Origin, before = Math.Min(origin, 2 * Description.Horizon), from = origin - before;
        int rows = before + Description.Horizon;
        double[] forecast = [.. Enumerable.Repeat(double.NaN, rows)], deciles = new double[ForecastModel.Deciles.Length];
        double[][] fan = [.. deciles.Select(_ => Enumerable.Repeat(double.NaN, rows).ToArray())];
        Outlook outlook = one.At(origin);
        for (int step = 1; step <= Description.Horizon; step++)
        {
            ReadOnlySpan<float> row = ForecastCalibrator.Row(_outputs[i], w, _model);
            forecast[before + step - 1] = _model.IntervalAt(outlook, step, c, row).Forecast;
            _model.DecilesAt(outlook, step, c, row, deciles);
            for (int k = 0; k < fan.Length; k++) fan[k][before + step - 1] = deciles[k];
        }
        return new ForecastFan(one.Series.Name, Description.Columns[c].Name, [.. Enumerable.Range(from, rows).Select(one.Series.Label)],
            one.Series.Targets[c].Values[from..(from + rows)], forecast, fan);
    }

    private IEnumerable<int> Scored(int c, int i, int window) =>
        Enumerable.Range(1, Description.Horizon).Where(step => _series[i].Series.IsScored(c, _windows[i][window].Origin, step));

    private ForecastCurve Curve(int c, int i, Values values)
    {
        int[] first = [.. Enumerable.Range(0, values.Steps.Length).Where(k => values.Steps[k] == 1)];
        double[] First(double[] all) => [.. first.Select(k => all[k])];
        return new ForecastCurve(_series[i].Series.Name, Description.Columns[c].Name,
            [.. first.Select(k => _series[i].Series.Label(values.Origins[k]))],
            First(values.Actual), First(values.Forecast), First(values.Lower), First(values.Upper));
    }

    // Of the same series of the training data; of one that is not among them, the mean of all.
    private double? ScaleOf(int c, int i)
    {
        if (_training is null) return null;
        if (_training.FirstOrDefault(part => part.Name == _series[i].Series.Name) is { } own) return ScaleOf(own);
        double[] all = [.. _training.Select(ScaleOf).OfType<double>()];
        return all.Length > 0 ? all.Average() : null;

        double? ScaleOf(TrainingPart part) =>
            Metrics.MeasuredScale(part.Columns[c].Span, Description.Season, part.Series.Targets[c].IsMeasured);
    }
}
