// README: endpoint
using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
// end

namespace Unroll.Samples.AspNet;

/// <summary>Rows in, a forecast out: one model, opened once, answers all requests.</summary>
internal static class Program
{
    // The model file of a run, or none: then a small model is trained first.
    private static void Main(string[] args)
    {
        ForecastModel model = args is [string path, ..] ? ForecastModel.Open(path) : Train();
        Build(model).Run();
    }

    internal static WebApplication Build(ForecastModel model, params string[] args)
    {
        // README: endpoint
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Services.AddSingleton(model);                    // one model for all requests, also for several at once
        WebApplication app = builder.Build();

        app.MapPost("/forecast", IResult (Row[] rows, int? horizon, ForecastModel model, CancellationToken stop) =>
        {
            try
            {
                Series series = Series.From(rows, row => row.Day, row => row.Value, model.Options.Column[0]);
                return Results.Ok(model.Forecast(series, horizon, stop: stop));
            }
            catch (UserErrorException e)                         // one line: what is wrong with the rows, and what to do
            {
                return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        });
        // end
        return app;
    }

    /// <summary>A model of daily sales, trained in a few seconds.</summary>
    internal static ForecastModel Train(int epochs = 20) =>
        ForecastModel.Train(
            Series.From(Sales(400), row => row.Day, row => row.Value, "units"),
            new ForecastOptions { Horizon = 7, Hidden = 16, Epochs = epochs });

    /// <summary>Sales with a week's rhythm and a slow growth.</summary>
    internal static Row[] Sales(int days) =>
        [.. Enumerable.Range(0, days).Select(day =>
            new Row(new DateOnly(2025, 1, 1).AddDays(day), 100 + 0.1 * day + 20 * Math.Sin(day * Math.Tau / 7) + 3 * Math.Cos(day * 1.7)))];
}

// README: endpoint
/// <summary>A row of a request: <c>{"day": "2026-01-31", "value": 12.5}</c>.</summary>
internal sealed record Row(DateOnly Day, double Value);
// end
