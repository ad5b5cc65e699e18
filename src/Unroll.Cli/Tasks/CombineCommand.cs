using System.CommandLine;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll combine MODEL MODEL…</c>: one model of several trained ones, whose answer is their mean.</summary>
internal static class CombineCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string[]> models = new("MODEL")
        {
            Description = "model files that differ in nothing but the training seed; those with several members give all of them",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string> output = Opt.String("--output", "FILE", "the file to write");
        Command command = new("combine", "Make one model of several trained ones; its answer is the mean of theirs.") { models, output };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string[] from = parsed.GetValue(models)!;
            string to = parsed.GetValue(output) ?? throw new UserErrorException("combine: say where to write the model by --output FILE.");
            if (from.Any(path => Path.GetFullPath(path) == Path.GetFullPath(to)))
                throw new UserErrorException($"--output: '{to}' is one of the models, which would be lost; choose another file.");
            AtomicFile.RequireWritable(to);
            ITaskModel model = ModelCombination.Save(from, to);
            common.Lines(parsed).WriteLine(MembersView.Line(model));
            common.Lines(parsed).WriteLine($"model: {to}");
            common.Lines(parsed).WriteLine($"weights sha256: {model.WeightsSha256}");
            common.WriteJson(parsed, json =>
            {
                json.WriteString("model", to);
                json.WriteNumber("members", model.Members.Count);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
        return command;
    }
}
