// README: forecast
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
// end

namespace Unroll.Tests.Readme;

/// <summary>Code of README.md, run. The lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class ForecastCode
{
    [Fact]
    public void A_model_is_trained_on_records_forecasts_them_and_is_saved()
    {
        // README: forecast
        // rows of your own: of a database, a queue, a list
        var sales = Enumerable.Range(0, 120).Select(m => (Month: new DateOnly(2015, 1, 1).AddMonths(m), Units: 200 + m + 20 * Math.Sin(m * 0.5236)));
        Series series = Series.From(sales, sale => sale.Month, sale => sale.Units, "units");
        ForecastModel model = ForecastModel.Train(series, new ForecastOptions { Horizon = 3, Epochs = 30 });
        List<string> lines = [];
        foreach (ForecastPoint p in model.Forecast(series)) lines.Add($"{p.Time}: {p.Forecast:F0}, between {p.Lower:F0} and {p.Upper:F0}");
        model.Save(Path.Combine(Path.GetTempPath(), "units.safetensors"));
        // end
        Assert.Equal(["2025-01-01", "2025-02-01", "2025-03-01"], lines.Select(line => line.Split(':')[0]));
        Assert.Equal(model.Forecast(series), ForecastModel.Open(Path.Combine(Path.GetTempPath(), "units.safetensors")).Forecast(series));
        Assert.All(model.Forecast(series), (p, i) => Assert.Equal(320 + i + 20 * Math.Sin((120 + i) * 0.5236), p.Forecast, 8.0));
    }
}
