using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>Many shops of all sizes, with promotions, closed Sundays and one that opened late: what a retailer has.</summary>
public sealed class ShopSalesTests
{
    [Fact]
    public void Twelve_shops_are_learned_at_the_first_call_and_no_forecast_is_impossible()
    {
        List<string> notes = [];
        ForecastOptions options = new()
        {
            Data = ["shops.csv"], Column = ["units"], Group = "shop", Known = ["promotion", "holiday", "sunday"], Horizon = 7, Min = 0, Hidden = 8,
            Epochs = 4, Batch = 64,
        };
        DataFiles files = DataFiles.Of("shops.csv", ShopSales.Csv(300));
        ForecastRun run = ForecastRun.Begin(options, files, new RunSettings { Note = notes.Add });
        ((ITaskRun)run).Train();
        ForecastEvaluation measure = run.Finish()!;
        Assert.Equal(12, run.Model.Description.Scales.Count);
        Assert.Equal(12, measure.SeriesOf(0).Count);
        Assert.True(measure.Columns[0].Model.Mase < 1, $"{measure.Columns[0].Model.Mase}");
        Assert.All(measure.Curves, curve => Assert.All(curve.Lower.Concat(curve.Forecast), value => Assert.True(value >= 0)));
        Assert.All(run.Model.Forecast(run.Model.ReadData(null, files)), p => Assert.True(p is { Lower: >= 0 } && p.Lower <= p.Forecast));
    }
}
