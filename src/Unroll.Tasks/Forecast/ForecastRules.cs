using Unroll.Core;
using Unroll.Tasks.Data.Baselines;

namespace Unroll.Tasks.Forecast;

/// <summary>A simple rule: what forecasts each of some series.</summary>
/// <param name="Name">As reports call it.</param>
/// <param name="Kind">What it is called however it was fitted: <c>arima</c>.</param>
/// <param name="Of">[series]; null where a series is too short for it, or is not among those drawn.</param>
internal sealed record ForecastRule(string Name, string Kind, IReadOnlyList<IBaseline?> Of)
{
    /// <summary>A rule that is the same for all series.</summary>
    internal static ForecastRule Same(IBaseline baseline, int series) => new(baseline.Name, baseline.Name, [.. Enumerable.Repeat(baseline, series)]);
}

/// <summary>
/// The rules of the field for a column, their settings chosen by the training parts alone: persistence, seasonal-naive, autoregressions, seasonal
/// ARIMA, exponential smoothing, theta, the mean of these three, and a regression on the season and the inputs that are known.
/// </summary>
internal static class ForecastRules
{
    private const int ManySeries = 20, MostSeries = 500, Work = 1_500_000;

    /// <param name="description">The model's.</param>
    /// <param name="c">Which column.</param>
    /// <param name="series">The series that are measured.</param>
    /// <param name="training">What rules are fitted to; null: those that need fitting are left out.</param>
    /// <param name="first">The first origin that is measured.</param>
    internal static IReadOnlyList<ForecastRule> Of(
        ForecastDescription description, int c, IReadOnlyList<ForecastSeries> series, IReadOnlyList<TrainingPart>? training, int first)
    {
        int count = series.Count, season = description.Season;
        List<ForecastRule> rules = [ForecastRule.Same(new Persistence(), count)];
        if (season > 1) rules.Add(ForecastRule.Same(new SeasonalNaive(season), count));
        if (training is null) return rules;
        ReadOnlyMemory<double>[] parts = [.. training.Select(part => part.Columns[c])];
        ScaledAutoregression? scaled = ScaledAutoregression.Fit(parts, season);
        if (Direct(description, c, training, first) is { } direct) rules.Add(ForecastRule.Same(direct, count) with { Kind = "autoregression" });
        if (scaled is not null && scaled.Order <= first) rules.Add(ForecastRule.Same(scaled, count) with { Kind = "aic-autoregression" });
        if (description.Columns.Count > 1 && c > 0 && count > ManySeries) return rules;         // the rest for the first column of many series
        AddLocal(rules, series, [.. series.Select(one => PartOf(one, training)?.Columns[c] ?? default)], season);
        if (description.Known.Count > 0) rules.Add(Regression(series, training, c, season));
        return [.. rules.Where(rule => rule.Of.Any(baseline => baseline is not null))];
    }

    /// <summary>The seasonal naive rule that scales OWA, of each series; null where nothing fits it.</summary>
    internal static ForecastRule? Reference(
        ForecastDescription description, int c, IReadOnlyList<ForecastSeries> series, IReadOnlyList<TrainingPart>? training) =>
        training is null ? null : new ForecastRule("naive2", "naive2", [.. series.Select(one => PartOf(one, training) is { } part
            ? Naive2.Fit(part.Columns[c].Span, description.Season) : null)]);

    private static TrainingPart? PartOf(ForecastSeries one, IReadOnlyList<TrainingPart> training) =>
        training.FirstOrDefault(part => part.Name == one.Series.Name);

    // Each series its own: of very many those evenly taken.
    private static void AddLocal(
        List<ForecastRule> rules, IReadOnlyList<ForecastSeries> series, ReadOnlyMemory<double>[] parts, int season)
    {
        int count = parts.Length, stride = (count + MostSeries - 1) / MostSeries;
        bool many = count > ManySeries;
        IBaseline?[] arima = new IBaseline?[count], smoothing = new IBaseline?[count], theta = new IBaseline?[count], mean = new IBaseline?[count];
        for (int i = 0; i < count; i += stride)
        {
            ReadOnlySpan<double> part = parts[i].Span;
            if (part.IsEmpty) continue;
            int evaluations = Math.Clamp(Work / part.Length, 60, many ? 120 : 400);
            arima[i] = ArimaChoice.Fit(part, season, RuleScale.Steady(part, season), evaluations, many);
            smoothing[i] = ExponentialSmoothing.Choose(part, season, evaluations);
            theta[i] = Theta.Fit(part, season);
            if (arima[i] is not null && smoothing[i] is not null && theta[i] is not null)
                mean[i] = new MeanOfRules([arima[i]!, smoothing[i]!, theta[i]!]);
        }
        rules.Add(new ForecastRule(count == 1 ? arima[0]?.Name ?? "arima" : "arima", "arima", arima));
        rules.Add(new ForecastRule(count == 1 ? smoothing[0]?.Name ?? "ets" : "ets", "ets", smoothing));
        rules.Add(new ForecastRule("theta", "theta", theta));
        rules.Add(new ForecastRule("mean of arima, ets, theta", "mean", mean));
    }

    private static ForecastRule Regression(IReadOnlyList<ForecastSeries> series, IReadOnlyList<TrainingPart> training, int c, int season)
    {
        IBaseline?[] all = [.. series.Select(one => PartOf(one, training) is { } part
            ? SeasonalRegression.Fit(part.Columns[c].Span, [.. part.Series.Known.Select(known => known.Values)],
                [.. one.Series.Known.Select(known => known.Values)], season) : null)];
        return new ForecastRule(all.FirstOrDefault(one => one is not null)?.Name ?? "regression", "regression", all);
    }

    // Null where the training part has too few rows to fit it.
    private static Autoregression? Direct(ForecastDescription description, int c, IReadOnlyList<TrainingPart> training, int first)
    {
        ReadOnlyMemory<double>[] parts = [.. training.Select(part => part.Columns[c])];
        // Of data that are measured whole no more rows than there are before the first window.
        int order = Math.Min(Autoregression.DefaultOrder(description.Season, parts.Min(part => part.Length)), first);
        try
        {
            return Autoregression.Fit(parts, order, description.Horizon, MultiStep.Direct,
                (i, origin, step) => training[i].Series.IsScored(c, origin, step));
        }
        catch (UserErrorException)
        {
            return null;
        }
    }
}
