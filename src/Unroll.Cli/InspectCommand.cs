using System.CommandLine;
using Unroll.Files;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Cli.Tasks;

namespace Unroll.Cli;

/// <summary><c>unroll inspect MODEL</c>: every gate, state and gradient of a model on one sequence, as lines, as a page and as JSON.</summary>
internal static class InspectCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Option<string> data = Opt.String("--data", "NAME|FILE|-", "the data (default: those the model was trained on)");
        Option<int?> sequence = Opt.Int("--sequence", "N", "which sequence of the data, from 0 (default 0)");
        Option<int?> step = Opt.Int("--step", "K", "the output whose loss is explained beside the whole loss, from 0 (default: the last)");
        Option<string> layer = Opt.String("--layer", "NAME", "one recurrent layer and direction alone: encoder.l0 (default: all)");
        Option<string> output = Opt.String("--output", "FILE.html", "the page (default: NAME-inspect.html in this folder)");
        Command command = new("inspect", "Look inside a model: gates, memory and gradients on one sequence.")
        {
            common.Model, data, sequence, step, layer, output,
        };
        common.AddTo(command).SetAction(parsed =>
        {
            string path = parsed.GetValue(common.Model)!, page = parsed.GetValue(output) ?? PageOf(path);
            ITaskModel model = TaskList.Open(path);
            InspectionChoices choices = new() { Step = parsed.GetValue(step), Layer = parsed.GetValue(layer) };
            AtomicFile.RequireWritable(page);
            InspectionSubject subject = model.Subject(parsed.GetValue(data), parsed.GetValue(sequence) ?? 0, terminal.Files());
            using ThreadTeam threads = common.Team(parsed);
            InspectionResult result = InspectionResult.Of(subject, choices, threads);
            foreach (string line in result.Lines()) common.Lines(parsed).WriteLine(line);
            result.ToPage().Save(page);
            common.Lines(parsed).WriteLine($"page: {page}");
            common.WriteJson(parsed, json =>
            {
                json.WriteString("model", path);
                json.WriteString("task", model.Task);
                result.WriteJson(json);
                json.WriteString("page", page);
            });
            return CommandLine.Done;
        });
        return command;
    }

    // A run's model is model.safetensors in the run's folder, whose name says more.
    private static string PageOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (name == "model" && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) is { Length: > 0 } folder) name = folder;
        return $"{name}-inspect.html";
    }
}
