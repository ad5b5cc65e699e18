using System.CommandLine;
using System.Globalization;
using System.Text;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll predict MODEL</c> of a forecasting model: the forecast of the steps after the end of the data, as CSV.</summary>
internal static class ForecastPredict
{
    internal static ModelVerb Make(Option<string> data)
    {
        Option<int?> horizon = Opt.Int("--horizon", "N", "steps (default: the model's own; beyond it, it goes on from its own forecasts)");
        Option<string> output = Opt.String("--output", "FILE.csv", "write the forecast there (default: standard output)");
        return new ModelVerb("Forecast the steps after the end of the data, with intervals.", [data, horizon, output], call =>
        {
            ForecastModel model = ForecastModel.Open(call.Path);
            IReadOnlyList<Series> series = ForecastVerbs.Read(call, model, data);
            using ThreadTeam threads = call.Team();
            IReadOnlyList<ForecastPoint> points = model.Forecast(series, call.Get(horizon) ?? model.Description.Horizon, threads);
            string csv = Csv(model, points);
            if (call.Get(output) is { } path)
            {
                AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(csv)));
                string level = model.Description.Options.Interval.ToString("P0", CultureInfo.InvariantCulture);
                call.Lines.WriteLine($"{points.Count} forecasts in {path}, intervals of {level}");
            }
            else call.Lines.Write(csv);
            call.WriteJson(json =>
            {
                json.Number("interval", model.Description.Options.Interval);
                json.WriteStartArray("forecasts");
                foreach (ForecastPoint point in points)
                {
                    json.WriteStartObject();
                    if (point.Series.Length > 0) json.WriteString("series", point.Series);
                    json.WriteString("column", point.Column);
                    json.WriteString("time", point.Time);
                    json.Number("forecast", point.Forecast);
                    json.Number("lower", point.Lower);
                    json.Number("upper", point.Upper);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return CommandLine.Done;
        });
    }

    // time, the group where there is one, column, forecast, lower, upper
    private static string Csv(ForecastModel model, IReadOnlyList<ForecastPoint> points)
    {
        ForecastOptions options = model.Description.Options;
        bool groups = options.Group is not null;
        StringBuilder csv = new();
        csv.Append(Field(options.Time is null or "none" ? "row" : options.Time)).Append(groups ? $",{Field(options.Group!)}" : "")
            .Append(",column,forecast,lower,upper\n");
        foreach (ForecastPoint point in points)
            csv.Append(Field(point.Time)).Append(groups ? $",{Field(point.Series)}" : "").Append(',').Append(Field(point.Column))
                .Append(CultureInfo.InvariantCulture, $",{Text(point.Forecast)},{Text(point.Lower)},{Text(point.Upper)}\n");
        return csv.ToString();
    }

    private static string Text(float value) => float.IsFinite(value) ? value.ToString("G7", CultureInfo.InvariantCulture) : "";

    private static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
