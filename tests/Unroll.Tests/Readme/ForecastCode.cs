// README: forecast
using Unroll.Numerics;
using Unroll.Tasks.Forecast;
using Unroll.Training;
// end

namespace Unroll.Tests.Readme;

/// <summary>Code of README.md, run. The lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class ForecastCode
{
    [Fact]
    public void A_forecast_is_trained_measured_and_made()
    {
        // README: forecast
        using ThreadTeam threads = new(2);
        ForecastOptions options = new() { Data = "airline", Horizon = 3, Epochs = 30 };
        ForecastTraining training = ForecastTraining.Begin(options, Console.In, threads);
        foreach (TrainingProgress progress in training.Run())
            if (progress.Epoch is { IsBest: true } epoch) Console.WriteLine($"epoch {epoch.Epoch}: {epoch.Score:F3}");

        ForecastEvaluation? test = training.Finish();
        foreach (string line in test?.Report.Lines() ?? []) Console.WriteLine(line);

        foreach (ForecastPoint next in training.Model.Forecast(training.Model.ReadData("airline", Console.In), horizon: 3, threads))
            Console.WriteLine($"{next.Time}: {next.Forecast:F0}, between {next.Lower:F0} and {next.Upper:F0}");
        // end
        Assert.Equal(3, training.Model.Forecast(training.Model.ReadData("airline", Console.In), 3, threads).Count);
        Assert.NotNull(test);
    }
}
