using System.Text.Json;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>A forecast lies inside its own interval, whatever the network was trained with and however little.</summary>
public sealed class IntervalLaws
{
    private static Series Column(string kind) => Series.Of("", [.. Enumerable.Range(0, 72).Select(t => kind switch
    {
        "constant" => 5.0,
        "steps" => 5.0 + (t < 44 ? 0 : 3),
        "trend" => 10 + 0.5 * t,
        "large" => 1e8 + 0.01 * (t % 7),
        _ => 20 + 6 * Math.Sin(t * 0.7) + t * t * 7919 % 5,
    })]);

    public static TheoryData<ForecastLoss, TransformChoice> Cases => new MatrixTheoryData<ForecastLoss, TransformChoice>(
        Enum.GetValues<ForecastLoss>().Where(loss => !TargetBounds.AreCounts(loss)),
        Enum.GetValues<TransformChoice>().Except([TransformChoice.Auto]));

    [Theory]
    [InlineData(ForecastLoss.Poisson)]
    [InlineData(ForecastLoss.NegativeBinomial)]
    public void That_of_counts_is_too_and_not_below_0(ForecastLoss loss)
    {
        foreach (string kind in (string[])["constant", "steps", "trend", "large", "waves"])
        {
            Series counts = Series.Of("", [.. Column(kind).Targets[0].Values.Select(value => Math.Max(0, Math.Round(value) - 5))]);
            Holds(counts, new ForecastOptions { Loss = loss, Season = 4, Window = 5, Horizon = 2, Hidden = 4, Epochs = 1 }, measure: true);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_forecast_is_between_the_ends(ForecastLoss loss, TransformChoice transform)
    {
        foreach (string kind in (string[])["constant", "steps", "trend", "large", "waves"])
            foreach (AnchorChoice anchor in Enum.GetValues<AnchorChoice>().Except([AnchorChoice.Auto]))
                Holds(Column(kind), new ForecastOptions
                {
                    Loss = loss, Transform = transform, Anchor = anchor, Season = 4, Window = 5, Horizon = 2, Hidden = 4, Epochs = 1,
                    Interval = kind == "waves" ? 0.05 : 0.9, Bptt = kind == "trend" ? [8, 8] : [],
                }, measure: kind == "waves" && anchor == AnchorChoice.Last);
    }

    private static void Holds(Series series, ForecastOptions options, bool measure)
    {
        ForecastModel model = ForecastModel.Train(series, options);
        Assert.All(model.Forecast(series, 5), Inside);
        ForecastSession session = model.NewSession();
        foreach (double value in series.Targets[0].Values) Assert.All(session.Step(value).Points, Inside);
        using JsonDocument json = JsonDocument.Parse(session.Step(series.Targets[0].Values[^1]).ToJson());
        Assert.All(json.RootElement.GetProperty("forecasts").EnumerateArray(), p => Assert.InRange(p.GetProperty("forecast").GetDouble(),
            p.GetProperty("lower").GetDouble(), p.GetProperty("upper").GetDouble()));
        if (!measure) return;
        Assert.All(model.EvaluateTest([series]).Curves, curve =>
            Assert.All(Enumerable.Range(0, curve.Forecast.Count), i => Assert.InRange(curve.Forecast[i], curve.Lower[i], curve.Upper[i])));
    }

    private static void Inside(ForecastPoint p) => Assert.True(p.Lower <= p.Forecast && p.Forecast <= p.Upper, $"{p}");
}
