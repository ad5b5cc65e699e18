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
        Option<string> data = Opt.String("--data", "NAME|FILE|-", "the data (default: the training data of the model)");
        Option<int?> sequence = Opt.Int("--sequence", "N", "index of the sequence in the data (default 0)");
        Option<int?> step = Opt.Int("--step", "K", "index of the output whose loss is explained in addition to the total loss (default: the last)");
        Option<int?> member = Opt.Int("--member", "K", "which member of a model with several networks (default 1)");
        Option<string> layer = Opt.String("--layer", "NAME", "only one recurrent layer and direction: encoder.l0 (default: all)");
        Option<string> output = Opt.String("--output", "FILE.html", "the page (default: NAME-inspect.html in this folder)");
        Command command = new("inspect", "Inspect a model: gates, memory and gradients on one sequence.")
        {
            common.Model, data, sequence, step, member, layer, output,
        };
        common.AddTo(command).SetAction(parsed =>
        {
            string path = parsed.GetValue(common.Model)!, page = parsed.GetValue(output) ?? PageOf(path);
            ITaskModel model = TaskList.Open(path, note: terminal.Say);
            InspectionChoices choices = new() { Step = parsed.GetValue(step), Layer = parsed.GetValue(layer) };
            AtomicFile.RequireWritable(page);
            int which = Opt.Within(parsed, member, 1, 1, model.Members.Count);
            InspectionSubject subject = model.Members[which - 1].Subject(parsed.GetValue(data), parsed.GetValue(sequence) ?? 0, terminal.Files());
            using ThreadTeam threads = common.Team(parsed);
            InspectionResult result = InspectionResult.Of(subject, choices, threads);
            if (model.Members.Count > 1) common.Lines(parsed).WriteLine($"member {which} of {model.Members.Count}");
            StudyNotes.Write(common.Lines(parsed), result.Lines());
            result.ToPage().Save(page);
            common.Lines(parsed).WriteLine($"page: {page}");
            common.WriteJson(parsed, json =>
            {
                json.WriteString("model", path);
                json.WriteString("task", model.Task);
                if (model.Members.Count > 1) json.WriteNumber("member", which);
                result.WriteJson(json);
                json.WriteString("page", page);
            });
            return CommandLine.Done;
        });
        return command;
    }

    // A run's model is model.safetensors in the run's folder, whose name is more informative.
    private static string PageOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (name == "model" && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) is { Length: > 0 } folder) name = folder;
        return $"{name}-inspect.html";
    }
}
