// README: series
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
// end

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/forecasting.md, run: many series from records in one call.</summary>
public sealed class ForecastSeriesCode
{
    // README: series
    private sealed record Sale(string Shop, DateOnly Day, double Units, double Price, bool Holiday);

    private static IReadOnlyList<ForecastPoint> NextWeek(IReadOnlyList<Sale> sales)
    {
        // Rows at the end without units and price are the future that the holidays are known for.
        IReadOnlyList<Series> shops = Series.Groups(sales, sale => sale.Shop, sale => sale.Day,
            [new("units", sale => sale.Units), new("price", sale => sale.Price)],
            known: [new("holiday", sale => sale.Holiday ? 1 : 0)], missing: MissingValues.CarryForward);
        ForecastOptions options = new() { Column = ["units"], Input = ["price"], Horizon = 7, Hidden = 16, Epochs = 3 };
        ForecastModel model = ForecastModel.Train(shops, options);
        return model.Forecast(shops);
    }
    // end

    [Fact]
    public void Twelve_series_are_forecast_in_one_call()
    {
        Sale[] sales =
        [
            .. from shop in Enumerable.Range(1, 12)
               from day in Enumerable.Range(0, 127)
               let units = day < 120 ? 20 + shop + 6 * (day % 7 / 5) + day % 3 : double.NaN
               select new Sale($"shop {shop}", new DateOnly(2024, 1, 1).AddDays(day), units, day < 120 ? 3 + day % 2 : double.NaN, day % 7 == 0),
        ];
        IReadOnlyList<ForecastPoint> points = NextWeek(sales);
        Assert.Equal(12 * 7, points.Count);
        Assert.Equal(12, points.Select(point => point.Series).Distinct().Count());
        Assert.All(points, point => Assert.InRange(point.Forecast, point.Lower, point.Upper));
        Assert.Equal(new DateTime(2024, 4, 30), points[0].Date);
    }
}
