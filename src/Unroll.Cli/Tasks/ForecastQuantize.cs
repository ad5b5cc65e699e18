using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Cli;

/// <summary><c>unroll quantize MODEL</c> of a forecasting model: writes the model with weights of 8 bits and says what that costs and saves.</summary>
internal static class ForecastQuantize
{
    internal static ModelVerb Make(Option<string> data)
    {
        Option<string> output = Opt.Text("--output", "FILE", "the file to write (default: beside the model, NAME.int8.safetensors)");
        return new ModelVerb("Write a model with weights of 8 bits, and measure what it loses on the test part of data.", [data, output], call =>
        {
            string path = call.Path, to = call.Get(output) ?? Path.ChangeExtension(path, ".int8.safetensors");
            ForecastModel floats = Floats(path, to);
            AtomicFile.RequireWritable(to);
            IReadOnlyList<Series> series = ForecastVerbs.Read(call, floats, data);
            using ThreadTeam threads = call.Team();
            ForecastModel small = ForecastModel.Open(path);
            small.Network.Quantize();
            ForecastQuantization loss = ForecastQuantization.Of(floats, small, series, threads);
            small.Save(to);
            Sizes sizes = new(new FileInfo(path).Length, new FileInfo(to).Length);
            (double a, double b) = StepTime.InTurn(floats.Network, small.Network, floats.Description.Window, threads);

            foreach (string line in (string[])[.. loss.Lines(), sizes.Line(), StepLine(a, b), $"model: {to}"]) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                Members(json, "floats", loss.Floats, sizes.Floats, a);
                Members(json, "quantised", loss.Quantized, sizes.Quantized, b);
                json.Number("rmse_change", loss.Quantized.Columns[0].Model.Rmse / loss.Floats.Columns[0].Model.Rmse - 1);
                json.Number("largest_output_difference", loss.LargestDifference);
                json.Number("mean_output_difference", loss.MeanDifference);
                json.WriteNumber("outputs", loss.Outputs);
                json.WriteString("model", to);
            });
            return CommandLine.Done;
        });
    }

    private static ForecastModel Floats(string path, string output)
    {
        ForecastModel model = ForecastModel.Open(path);
        if (model.Network.Precision != WeightPrecision.Float32)
            throw new UserErrorException($"'{path}' is quantized already; give the model with floats that it was made from.");
        if (Path.GetFullPath(path) == Path.GetFullPath(output))
            throw new UserErrorException($"--output: '{output}' is the model itself, whose floats would be lost; choose another file.");
        return model;
    }

    private sealed record Sizes(long Floats, long Quantized)
    {
        internal string Line() => string.Create(CultureInfo.InvariantCulture,
            $"file: {Floats:N0} bytes with floats, {Quantized:N0} with weights of 8 bits, {100.0 * Quantized / Floats:F0} %");
    }

    private static string StepLine(double floats, double quantized) => string.Create(CultureInfo.InvariantCulture,
        $"a step of one sequence: {floats:G3} µs with floats, {quantized:G3} with weights of 8 bits, {100 * quantized / floats:F0} %");

    private static void Members(Utf8JsonWriter json, string name, ForecastReport report, long bytes, double microseconds)
    {
        json.WriteStartObject(name);
        ForecastScores scores = report.Columns[0].Model;
        json.Number("rmse", scores.Rmse);
        json.Number("mae", scores.Mae);
        json.Number("smape", scores.Smape);
        json.Number("mase", scores.Mase);
        json.WriteNumber("bytes", bytes);
        json.Number("step_us", Math.Round(microseconds, 3));
        json.WriteEndObject();
    }
}
