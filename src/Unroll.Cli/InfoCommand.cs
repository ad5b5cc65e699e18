using System.CommandLine;
using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Shared;

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
            ITaskVerbs task = TaskVerbs.Of(path);
            ITaskModel model = task.Task.Open(path);
            ModelInfo info = task.Info(model);
            TextWriter lines = common.Lines(parsed);
            lines.WriteLine($"{path}: a {task.Task.Kind}, trained on {info.Origin}");
            foreach (string line in info.Lines) lines.WriteLine(line);
            foreach (Parameter parameter in model.Network.Parameters.All)
                lines.WriteLine($"  {parameter.Name,-28} {string.Join(" × ", parameter.Shape.ToArray()),12}");
            if (model.Network.Precision == WeightPrecision.Int8)
                lines.WriteLine("quantized: matrices of recurrent layers are 8-bit integers with a scale for each row, for inference alone");
            lines.WriteLine($"size: {new FileInfo(path).Length:N0} bytes");
            foreach (string line in info.Notes) lines.WriteLine(line);
            lines.WriteLine($"weights sha256: {model.WeightsSha256}");
            common.WriteJson(parsed, json => Write(json, model, info, path));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, ITaskModel model, ModelInfo info, string path)
    {
        json.WriteString("model", path);
        json.WriteString("task", model.Task);
        json.WriteNumber("version", ModelFile.Version);
        json.WriteString("precision", model.Network.Precision == WeightPrecision.Int8 ? "int8" : "float32");
        json.WriteNumber("bytes", new FileInfo(path).Length);
        json.WriteNumber("weights", model.Network.Parameters.Length);
        json.WriteString("weights_sha256", model.WeightsSha256);
        info.Json(json);
        json.WritePropertyName("network");
        json.Raw(model.Network.Spec.ToJson());
    }
}
