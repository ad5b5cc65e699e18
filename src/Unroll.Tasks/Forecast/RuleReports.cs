using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>Measures the rules of a column on the very values on which the model was measured, and compares each with it.</summary>
internal sealed class RuleReports
{
    private readonly IReadOnlyList<ForecastSeries> _series;
    private readonly Window[][] _windows;
    private readonly ForecastOptions _options;
    private readonly int _c, _horizon;
    private readonly Func<int, double?> _scale;
    private readonly IReadOnlyList<ForecastRule> _rules;
    private readonly ForecastRule? _reference;
    private readonly Own?[] _own;

    // What was measured of the model in a series: place k is step Steps[k] of window Windows[k].
    private sealed record Own(int[] Windows, int[] Steps, double[] Actual, double[] Forecast);

    /// <param name="description">The model's.</param>
    /// <param name="c">The column.</param>
    /// <param name="series">The series that are measured.</param>
    /// <param name="windows">The windows of each.</param>
    /// <param name="rules">The rules, and the one that scales OWA.</param>
    /// <param name="scale">The scale of MASE of a series.</param>
    internal RuleReports(
        ForecastDescription description, int c, IReadOnlyList<ForecastSeries> series, Window[][] windows,
        (IReadOnlyList<ForecastRule> Rules, ForecastRule? Reference) rules, Func<int, double?> scale)
    {
        (_series, _windows, _c, _horizon, _scale, _own) = (series, windows, c, description.Horizon, scale, new Own?[series.Count]);
        (_rules, _reference) = rules;
        _options = description.Options;
    }

    /// <summary>Takes what was measured of the model in a series.</summary>
    internal void Take(int i, int[] windows, int[] steps, double[] actual, double[] forecast) => _own[i] = new Own(windows, steps, actual, forecast);

    /// <summary>The reports of all rules, in the order in which they are listed.</summary>
    internal IReadOnlyList<BaselineReport> All() => [.. _rules.Select(Report).OfType<BaselineReport>()];

    /// <summary>The overall weighted average of the model.</summary>
    internal double? Owa() => Owa(i => _own[i]?.Forecast, Measured(_reference));

    /// <summary>The measures of the rule that scales OWA; null where nothing fits it.</summary>
    internal ForecastScores? Naive() => Measured(_reference) is { Length: > 0 } covered
        ? Together(covered, i => Forecasts(_reference!.Of[i]!, i)) : null;

    private BaselineReport? Report(ForecastRule rule)
    {
        int[] covered = Measured(rule);
        if (covered.Length == 0) return null;
        double[][] forecasts = new double[_series.Count][];
        foreach (int i in covered) forecasts[i] = Forecasts(rule.Of[i]!, i);
        ForecastScores together = Together(covered, i => forecasts[i]);
        bool all = covered.Length == _own.Count(own => own is not null);
        BlockBootstrap.Sums[][] sums = [.. covered.Select(i => Sums(i, forecasts[i]))];
        return new BaselineReport(rule.Name, together)
        {
            Kind = rule.Kind,
            RmseByStep = ByStep(covered, forecasts),
            Sums = [.. covered.Select((i, k) => (_series[i].Series.Name, sums[k]))],
            Owa = Owa(i => forecasts[i], [.. covered.Intersect(Measured(_reference))]),
            Series = all ? null : covered.Length,
            ModelOnSame = all ? null : Together(covered, i => _own[i]!.Forecast),
            Difference = BlockBootstrap.Interval(sums, _horizon),
        };
    }

    // The series that a rule can forecast from the first window on.
    private int[] Measured(ForecastRule? rule) => rule is null ? [] : [.. Enumerable.Range(0, _series.Count).Where(i =>
        _own[i] is not null && rule.Of[i] is { } baseline && baseline.MinimumHistory <= _windows[i][0].Origin)];

    private ForecastScores Together(int[] covered, Func<int, double[]> forecast) =>
        ForecastScores.Together([.. covered.Select(i => ForecastScores.Of(_own[i]!.Actual, forecast(i), _scale(i)))]);

    //  OWA = ½ (sMAPE / sMAPE of naive2 + MASE / MASE of naive2)
    private double? Owa(Func<int, double[]?> forecast, int[] covered)
    {
        if (covered.Length == 0) return null;
        ForecastScores own = Together(covered, i => forecast(i)!), naive = Together(covered, i => Forecasts(_reference!.Of[i]!, i));
        return naive.Smape > 0 && naive.Mase > 0 ? (own.Smape / naive.Smape + own.Mase / naive.Mase) / 2 : null;
    }

    private double[] Forecasts(IBaseline baseline, int i)
    {
        double[] all = BaselineForecasts.Of(baseline, _series[i].Series.Targets[_c].Values, _windows[i]);
        Own own = _own[i]!;
        return [.. own.Windows.Zip(own.Steps, (w, step) => TargetBounds.Within(_options, all[w * _horizon + step - 1]))];
    }

    private double[] ByStep(int[] covered, double[][] forecasts)
    {
        double[] squares = new double[_horizon], counts = new double[_horizon];
        foreach (int i in covered)
            for (int k = 0; k < forecasts[i].Length; k++)
            {
                squares[_own[i]!.Steps[k] - 1] += Math.Pow(_own[i]!.Actual[k] - forecasts[i][k], 2);
                counts[_own[i]!.Steps[k] - 1]++;
            }
        return [.. squares.Zip(counts, (sum, count) => Math.Sqrt(sum / count))];
    }

    private BlockBootstrap.Sums[] Sums(int i, double[] forecast)
    {
        Own own = _own[i]!;
        BlockBootstrap.Sums[] sums = new BlockBootstrap.Sums[_windows[i].Length];
        for (int k = 0; k < forecast.Length; k++)
            sums[own.Windows[k]] += new BlockBootstrap.Sums(
                Math.Pow(own.Actual[k] - own.Forecast[k], 2), Math.Pow(own.Actual[k] - forecast[k], 2), 1);
        return sums;
    }
}
