using System.CommandLine;
using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary><c>unroll info MODEL</c>: what a model file holds.</summary>
internal static class InfoCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Command command = new("info", "Say what a model file holds.") { common.Model };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string path = parsed.GetValue(common.Model)!;
            ForecastModel model = ForecastModel.Open(path);
            TextWriter lines = common.Lines(parsed);
            lines.WriteLine($"{path}: a forecasting model, trained on {model.Description.Options.Data}");
            foreach (string line in ForecastText.Lines(model)) lines.WriteLine(line);
            foreach (Parameter parameter in model.Network.Parameters.All)
                lines.WriteLine($"  {parameter.Name,-28} {string.Join(" × ", parameter.Shape.ToArray()),12}");
            if (model.Network.Precision == WeightPrecision.Int8)
                lines.WriteLine("quantised: matrices of recurrent layers are 8-bit integers with a scale for each row, for inference alone");
            lines.WriteLine($"size: {new FileInfo(path).Length:N0} bytes");
            lines.WriteLine(model.Description.Calibration is { Errors.Count: > 0 } c
                ? $"intervals: calibrated on {c.Errors.Count} windows of the {c.Part} part"
                : "intervals: none, the training has not ended");
            lines.WriteLine($"weights sha256: {model.WeightsSha256}");
            common.WriteJson(parsed, json => Write(json, model, path));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, ForecastModel model, string path)
    {
        json.WriteString("model", path);
        json.WriteString("task", model.Description.Task);
        json.WriteNumber("version", ModelFile.Version);
        json.WriteString("precision", model.Network.Precision == WeightPrecision.Int8 ? "int8" : "float32");
        json.WriteNumber("bytes", new FileInfo(path).Length);
        json.WriteNumber("weights", model.Network.Parameters.Length);
        json.WriteString("weights_sha256", model.WeightsSha256);
        json.WriteNumber("window", model.Description.Window);
        json.WriteNumber("horizon", model.Description.Horizon);
        json.WriteNumber("season", model.Description.Season);
        json.WritePropertyName("options");
        Raw(json, model.Description.Options.ToJson());
        json.WritePropertyName("network");
        Raw(json, model.Network.Spec.ToJson());
    }

    // The objects as they are, but on this one line.
    private static void Raw(Utf8JsonWriter json, string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        document.RootElement.WriteTo(json);
    }
}
