using Unroll.Tasks.Data.Scores;

namespace Unroll.Tasks.Forecast;

/// <summary>The measures of a column over several origins as one.</summary>
internal static class EvaluationPool
{
    internal static ColumnReport Of(IReadOnlyList<ColumnReport> all)
    {
        double count = all.Sum(one => one.Model.Count), crps = all.Sum(one => one.Model.Count * one.Crps);
        double size = all.Sum(one => one.Wql > 0 ? one.Model.Count * one.Crps / one.Wql.Value : 0);
        ForecastScores model = ForecastScores.Together([.. all.Select(one => one.Model)]);
        ForecastScores? naive = all.All(one => one.Naive is not null) ? ForecastScores.Together([.. all.Select(one => one.Naive!)]) : null;
        return new ColumnReport(all[0].Column, model, Rules(all, naive), Mean(one => one.Coverage), Mean(one => one.IntervalWidth),
            [.. all[0].RmseByStep.Select((_, step) => Math.Sqrt(all.Average(one => Math.Pow(one.RmseByStep[step], 2))))])
        {
            Owa = Owa(model, naive),
            Naive = naive,
            Crps = crps / count,
            Wql = size > 0 ? crps / size : null,
            Msis = all.All(one => one.Msis is not null) ? Mean(one => one.Msis!.Value) : null,
        };

        double Mean(Func<ColumnReport, double> value) => all.Sum(one => one.Model.Count * value(one)) / count;
    }

    // Those that every origin has, on the same series.
    private static List<BaselineReport> Rules(IReadOnlyList<ColumnReport> all, ForecastScores? naive)
    {
        List<BaselineReport> rules = [];
        foreach (BaselineReport first in all[0].Baselines)
        {
            BaselineReport[] same = [.. all.Select(one => one.Baselines.FirstOrDefault(rule => rule.Kind == first.Kind)).OfType<BaselineReport>()];
            if (same.Length < all.Count) continue;
            ForecastScores scores = ForecastScores.Together([.. same.Select(rule => rule.Scores)]);
            bool named = same.All(rule => rule.Name == first.Name), part = same.Any(rule => rule.ModelOnSame is not null);
            rules.Add(new BaselineReport(named ? first.Name : first.Kind, scores)
            {
                Kind = first.Kind,
                Owa = Owa(scores, naive),
                Series = part ? same.Min(rule => rule.Series) : null,
                ModelOnSame = part ? ForecastScores.Together([.. same.Select((rule, k) => rule.ModelOnSame ?? all[k].Model)]) : null,
                Difference = BlockBootstrap.Interval([.. same.SelectMany(rule => rule.Sums).GroupBy(sums => sums.Series)
                    .Select(one => one.SelectMany(sums => sums.Windows).ToArray())], horizon: 1),      // windows of a backtest do not overlap
            });
        }
        return rules;
    }

    private static double? Owa(ForecastScores own, ForecastScores? naive) => naive is { Smape: > 0, Mase: > 0 }
        ? (own.Smape / naive.Smape + own.Mase / naive.Mase) / 2 : null;
}
