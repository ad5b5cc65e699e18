using System.CommandLine;
using System.Text.Json;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Shared;
using Unroll.Cli.Exchange;
using Unroll.Cli.Tasks;

namespace Unroll.Cli;

/// <summary><c>unroll info MODEL</c>: what a model file holds; without one, what this program finds on this machine.</summary>
internal static class InfoCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string?> named = new("MODEL")
        {
            Description = $"{common.Model.Description}; without one: this program and this machine", Arity = ArgumentArity.ZeroOrOne,
        };
        Command command = new("info", "Describe a model file, or this program and this machine.") { named };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            if (parsed.GetValue(named) is not { } path) return OfEnvironment(common, parsed);
            if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return OfOnnx(path, common, parsed, terminal);
            ITaskView view = TaskViews.Of(path);
            ModelFile file = ModelFile.Load(path);
            ITaskModel model = view.Task.Open(file);
            if (file.Note is { } note) terminal.Say($"note: {note}");
            TextWriter lines = common.Lines(parsed);
            lines.WriteLine($"{path}: a {view.Task.ModelName}, {view.Origin(model)}");
            foreach (string line in view.Lines(model)) lines.WriteLine(line);
            foreach (CellDefinition cell in model.Network.Spec.Definitions)
                foreach (string line in cell.Text.TrimEnd('\n').Split('\n')) lines.WriteLine($"  {line}");
            if (model.Members.Count > 1) lines.WriteLine(MembersView.Line(model));
            foreach (Parameter parameter in model.Parameters.All)
                lines.WriteLine($"  {TextColumns.Left(parameter.Name, 28)} {string.Join(" × ", parameter.Shape.ToArray()),12}");
            if (model.Precision != WeightPrecision.Float32)
                lines.WriteLine("quantized: matrices of recurrent layers are " + (model.Precision == WeightPrecision.Int8
                    ? "8-bit integers with a scale for each row" : "bfloat16") + ", for inference only");
            lines.WriteLine($"size: {new FileInfo(path).Length:N0} bytes");
            foreach (string line in view.Notes(model)) lines.WriteLine(line);
            lines.WriteLine($"weights sha256: {model.WeightsSha256}");
            common.WriteJson(parsed, json => Write(json, view.Task, model, file));
            return CommandLine.Done;
        });
        return command;
    }

    private static int OfEnvironment(CommonOptions common, ParseResult parsed)
    {
        foreach (string line in EnvironmentInfo.Lines()) common.Lines(parsed).WriteLine(line);
        common.WriteJson(parsed, EnvironmentInfo.Write);
        return CommandLine.Done;
    }

    private static int OfOnnx(string path, CommonOptions common, ParseResult parsed, Terminal terminal)
    {
        OnnxInfo info = new(path, terminal.Say);
        foreach (string line in info.Lines()) common.Lines(parsed).WriteLine(line);
        common.WriteJson(parsed, info.WriteJson);
        return CommandLine.Done;
    }

    private static void Write(Utf8JsonWriter json, ITask task, ITaskModel model, ModelFile file)
    {
        json.WriteString("model", file.Name);
        json.WriteString("task", model.Task);
        json.WriteNumber("version", file.FileVersion);
        json.WriteString("precision", model.Precision.Name());
        json.WriteNumber("bytes", new FileInfo(file.Name).Length);
        json.WriteNumber("weights", model.Members.Sum(member => (long)member.Parameters.Length));
        if (model.Members.Count > 1) json.WriteNumber("members", model.Members.Count);
        json.WriteString("weights_sha256", model.WeightsSha256);
        model.WriteJson(json);
        if (model.Network.Spec.Definitions is { Count: > 0 } cells)
        {
            json.WriteStartObject("cells");
            foreach (CellDefinition cell in cells) json.WriteString(cell.Name, cell.Text);
            json.WriteEndObject();
        }
        json.WritePropertyName("options");
        json.Raw(task.Options.ToJson(model.Options));
        json.WritePropertyName("network");
        json.Raw(model.Network.Spec.ToJson());
    }
}
