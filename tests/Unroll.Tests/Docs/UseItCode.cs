// README: console
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
// end

namespace Unroll.Tests.Docs;

/// <summary>The code of docs/use-it.md.</summary>
public sealed class UseItCode
{
    [Fact]
    public void A_console_program_trains_saves_opens_and_forecasts_and_a_model_answers_120_callers_at_once_with_the_same_bits()
    {
        // README: console
        Sale[] sales = [.. Enumerable.Range(0, 400).Select(day =>
            new Sale(new DateOnly(2025, 1, 1).AddDays(day), 100 + 20 * Math.Sin(day * Math.Tau / 7) + 3 * Math.Cos(day * 1.7)))];
        Series series = Series.From(sales, sale => sale.Day, sale => sale.Units, "units");

        ForecastModel trained = ForecastModel.Train(series, new ForecastOptions { Horizon = 7, Hidden = 16, Epochs = 10 });
        string path = Path.Combine(Path.GetTempPath(), "sales.safetensors");
        trained.Save(path);

        ForecastModel model = ForecastModel.Open(path);
        foreach (ForecastPoint next in model.Forecast(series))
            Console.WriteLine($"{next.Time}: {next.Forecast:F1}, between {next.Lower:F1} and {next.Upper:F1}");
        // end
        IReadOnlyList<ForecastPoint> alone = trained.Forecast(series), before = trained.Forecast(Part(0));
        Assert.Equal(7, alone.Count);

        // Opened anew, so that the callers also share the first use of the weights. No two neighbors ask the same.
        ForecastModel shared = ForecastModel.Open(path);
        IReadOnlyList<ForecastPoint>[] answers = new IReadOnlyList<ForecastPoint>[120];
        using Barrier together = new(8);
        Thread[] callers = [.. Enumerable.Range(0, 8).Select(caller => new Thread(() =>
        {
            together.SignalAndWait();
            for (int i = caller; i < answers.Length; i += 8) answers[i] = shared.Forecast(Part(i % 3));
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
        for (int i = 0; i < answers.Length; i++) Assert.Equal(trained.Forecast(Part(i % 3)), answers[i]);
        Assert.NotEqual(before, alone);
        File.Delete(path);

        Series Part(int less) => Series.From(sales[..(399 - less)], sale => sale.Day, sale => sale.Units, "units");
    }
}

// README: console
/// <summary>A row of your own: from a database, a queue, anything that can be enumerated.</summary>
internal sealed record Sale(DateOnly Day, double Units);
// end
