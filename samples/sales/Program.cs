// Forecasts twelve series at once, from a list of records in memory: the sales of twelve shops, month by month.
//   dotnet run --project samples/sales
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Samples.Sales;

/// <summary>What one shop sold in one month; rows like this come from a database, a queue, anything that can be enumerated.</summary>
internal sealed record Sale(string Shop, DateOnly Month, double Units, double Price);

internal static class Program
{
    private static void Main() => Run(Console.Out);

    internal static void Run(TextWriter output)
    {
        List<Sale> sales = Sales();

        // one series for each shop; one model learns from all of them
        IReadOnlyList<Series> series = Series.Groups(sales, sale => sale.Shop, sale => sale.Month,
            [new("units", sale => sale.Units), new("price", sale => sale.Price)]);
        ForecastModel model = ForecastModel.Train(series,
            new ForecastOptions { Time = "month", Column = ["units"], Input = ["price"], Horizon = 3, Hidden = 16, Epochs = 10 });

        // how good it is on the last fifth of every series, beside the simple rules
        output.WriteLine(model.EvaluateTest(series).ToJson());

        foreach (ForecastPoint next in model.Forecast(series))
            output.WriteLine($"{next.Series,-8} {next.Time}: {next.Forecast,6:F1}, between {next.Lower,6:F1} and {next.Upper,6:F1}");
    }

    // Six years of twelve shops of different sizes, with a year's rhythm; a higher price sells less.
    private static List<Sale> Sales() =>
        [.. Enumerable.Range(0, 12).SelectMany(shop => Enumerable.Range(0, 72).Select(month =>
        {
            double price = 10 + month * 7 % 5 * 0.2, season = 1 + 0.3 * Math.Sin((month + shop) * Math.Tau / 12);
            return new Sale($"shop {shop + 1}", new DateOnly(2020, 1, 1).AddMonths(month), (40 + 10 * shop) * season * (12 - price) / 2, price);
        }))];
}
