using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Cli.Bench;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll quantize MODEL</c>: writes the model with weights of fewer bits and says what that costs and saves.</summary>
internal static class QuantizeCommand
{
    private const int WholeSteps = 64;

    internal static Command Make(string[] args, Terminal terminal)
    {
        CommonOptions common = new(terminal);
        ITaskView? view = args.Length > 1 && File.Exists(args[1]) ? TaskViews.Of(args[1]) : null;
        OptionArguments? arguments = view is null ? null : new(view.Task.Evaluate.Options, view.Task.Evaluate.Defaults, view.Task.Name);
        string[] kinds = [.. WeightPrecisions.Names.Skip(1)];
        Option<string> output = Opt.String("--output", "FILE", "the file to write (default: beside the model, NAME.int8.safetensors)");
        Option<string> weights = Opt.String("--weights", "NAME", $"what recurrent weights become: {string.Join(", ", kinds)} (default int8)");
        Option<string> data = Opt.String("--data", "NAME|FILE|-", "the data to measure on (default: those the model was trained on)");
        Argument<string?> second = new("OUTPUT") { Description = "the file to write, as --output says it", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("quantize", "Write a model with weights of fewer bits, and measure what it loses on the test part of data.")
        {
            common.Model, second,
        };
        if (arguments is null) command.Add(data);
        else arguments.AddTo(command);
        command.Add(weights);
        command.Add(output);
        common.AddTo(command).SetAction(parsed =>
        {
            string path = parsed.GetValue(common.Model)!;
            if (parsed.GetValue(second) is { } named && parsed.GetValue(output) is { } other)
                throw new UserErrorException($"--output: the file to write is '{named}' already, got '{other}' too; leave one out.");
            string kind = parsed.GetValue(weights) ?? WeightPrecision.Int8.Name();
            if (!kinds.Contains(kind)) throw BenchNames.Unknown("--weights", kind, kinds);
            string to = parsed.GetValue(second) ?? parsed.GetValue(output) ?? Path.ChangeExtension(path, $".{kind}.safetensors");
            ITaskView own = view ?? TaskViews.Of(path);
            if (arguments is null && parsed.GetValue(data) is not null)
                throw new UserErrorException("--data: expected MODEL as the first word after quantize; put it there.");
            ITaskModel floats = Floats(path, to, terminal), small = TaskList.Open(path);
            AtomicFile.RequireWritable(to);
            small.Quantize(WeightPrecisions.Of(kind)!.Value);
            TaskVerb verb = own.Task.Evaluate;
            object options = arguments?.Over(verb.Defaults, parsed, terminal.Say) ?? verb.Defaults;
            bool asked = arguments?.Any(parsed) is true;
            using ThreadTeam? threads = common.Team(parsed);
            TaskCall call = new(terminal.Files(), threads, Note: terminal.Say);
            QuantizeMeasure measure = asked ? QuantizeMeasure.Of(floats, small, verb, options, arguments!.Typed("--data", parsed), call)
                : QuantizeMeasure.OfOwnData(floats, small, verb, options, call);
            small.Save(to);
            (long before, long after) = (new FileInfo(path).Length, new FileInfo(to).Length);
            using ThreadTeam one = new(1);
            (double stepBefore, double stepAfter) = StepTime.InTurn(floats.Network, small.Network, WholeSteps, threads ?? one);

            double slower = 100 * stepAfter / stepBefore;
            string words = small.Precision.Words();
            foreach (string line in (string[])
            [
                .. measure.Lines(own, path, words),
                Invariant($"file: {before:N0} bytes with floats, {after:N0} with {words}, {100.0 * after / before:F0} %"),
                $"a step of one sequence{(floats.Members.Count > 1 ? ", of one member" : "")}: " +
                    Invariant($"{stepBefore:G3} µs with floats, {stepAfter:G3} with {words}, {slower:F0} %"),
                $"model: {to}",
            ]) common.Lines(parsed).WriteLine(line);
            common.WriteJson(parsed, json =>
            {
                json.WriteString("weights", kind);
                Members(json, "floats", measure.Floats, before, stepBefore);
                Members(json, "quantized", measure.Quantized, after, stepAfter);
                measure.WriteJson(json);
                json.WriteString("model", to);
            });
            return CommandLine.Done;
        });
        return command;
    }

    private static ITaskModel Floats(string path, string output, Terminal terminal)
    {
        ITaskModel model = TaskList.Open(path, note: terminal.Say);
        if (model.Precision != WeightPrecision.Float32)
            throw new UserErrorException($"'{path}' is quantized already; give the model with floats that it was made from.");
        if (Path.GetFullPath(path) == Path.GetFullPath(output))
            throw new UserErrorException($"OUTPUT: '{output}' is the model itself, whose floats would be lost; choose another file.");
        return model;
    }

    private static void Members(Utf8JsonWriter json, string name, TaskAnswer? evaluation, long bytes, double microseconds)
    {
        json.WriteStartObject(name);
        evaluation?.WriteJson(json);
        json.WriteNumber("bytes", bytes);
        json.Number("step_us", Math.Round(microseconds, 3));
        json.WriteEndObject();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
