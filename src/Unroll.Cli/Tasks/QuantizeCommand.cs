using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll quantize MODEL</c>: writes the model with weights of 8 bits and says what that costs and saves.</summary>
internal static class QuantizeCommand
{
    private const int Compared = 20, WholeSteps = 64;

    internal static Command Make(string[] args, Terminal terminal)
    {
        CommonOptions common = new(terminal);
        ITaskView? view = args.Length > 1 && File.Exists(args[1]) ? TaskViews.Of(args[1]) : null;
        OptionArguments? arguments = view is null ? null : new(view.Task.Evaluate.Options, view.Task.Evaluate.Defaults, view.Task.Name);
        Option<string> output = Opt.String("--output", "FILE", "the file to write (default: beside the model, NAME.int8.safetensors)");
        Argument<string?> second = new("OUTPUT") { Description = "the file to write, as --output says it", Arity = ArgumentArity.ZeroOrOne };
        Command command =
            new("quantize", "Write a model with weights of 8 bits, and measure what it loses on the test part of data.")
            {
                common.Model, second,
            };
        if (arguments is null) command.Add(Opt.String("--data", "NAME|FILE|-", "the data (default: those the model was trained on)"));
        else arguments.AddTo(command);
        command.Add(output);
        common.AddTo(command).SetAction(parsed =>
        {
            string path = parsed.GetValue(common.Model)!;
            if (parsed.GetValue(second) is { } named && parsed.GetValue(output) is { } other)
                throw new UserErrorException($"--output: the file to write is '{named}' already, got '{other}' too; leave one out.");
            string to = parsed.GetValue(second) ?? parsed.GetValue(output) ?? Path.ChangeExtension(path, ".int8.safetensors");
            ITaskView own = view ?? TaskViews.Of(path);
            ITaskModel floats = Floats(path, to, terminal), small = TaskList.Open(path);
            AtomicFile.RequireWritable(to);
            small.Quantize();
            TaskVerb verb = own.Task.Evaluate;
            object options = arguments?.Over(verb.Defaults, parsed, terminal.Say) ?? verb.Defaults;
            using ThreadTeam? threads = common.Team(parsed);
            TaskCall call = new(terminal.Files(), threads, Note: terminal.Say);
            TaskAnswer a = verb.Ask(floats, options, call), b = verb.Ask(small, options, call);
            (double largest, double mean, long count) = Difference(floats, small, call);
            small.Save(to);
            (long before, long after) = (new FileInfo(path).Length, new FileInfo(to).Length);
            using ThreadTeam one = new(1);
            (double stepBefore, double stepAfter) = StepTime.InTurn(floats.Network, small.Network, WholeSteps, threads ?? one);

            double slower = 100 * stepAfter / stepBefore;

            foreach (string line in (string[])
            [
                "floats:", .. own.Lines(a), "weights of 8 bits:", .. own.Lines(b),
                Invariant($"difference of the network's outputs: largest |Δ| {largest:G3}, mean |Δ| {mean:G3}, of {count}"),
                Invariant($"file: {before:N0} bytes with floats, {after:N0} with weights of 8 bits, {100.0 * after / before:F0} %"),
                $"a step of one sequence{(floats.Members.Count > 1 ? ", of one member" : "")}: " +
                    Invariant($"{stepBefore:G3} µs with floats, {stepAfter:G3} with weights of 8 bits, {slower:F0} %"),
                $"model: {to}",
            ]) common.Lines(parsed).WriteLine(line);
            common.WriteJson(parsed, json =>
            {
                Members(json, "floats", a, before, stepBefore);
                Members(json, "quantized", b, after, stepAfter);
                own.WriteChange(json, a, b);
                json.Number("largest_output_difference", largest);
                json.Number("mean_output_difference", mean);
                json.WriteNumber("outputs", count);
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

    // Of the network's outputs for the first sequences that inspection would look at.
    private static (double Largest, double Mean, long Count) Difference(ITaskModel floats, ITaskModel small, TaskCall call)
    {
        double largest = 0, sum = 0;
        long count = 0;
        using ThreadTeam one = new(1);
        for (int sequence = 0; sequence < Compared; sequence++)
        {
            InspectionSubject subject;
            try
            {
                subject = floats.Subject(null, sequence, call.Files);
            }
            catch (UserErrorException) when (sequence > 0)
            {
                break;                                       // there are no more
            }
            foreach ((ITaskModel own, ITaskModel quantized) in floats.Members.Zip(small.Members))
            {
                float[] a = Outputs(own, subject, one), b = Outputs(quantized, subject, one);
                for (int i = 0; i < a.Length; i++, count++)
                {
                    double difference = Math.Abs((double)a[i] - b[i]);
                    (largest, sum) = (Math.Max(largest, difference), sum + difference);
                }
            }
        }
        return (largest, sum / Math.Max(1, count), count);
    }

    private static float[] Outputs(ITaskModel model, InspectionSubject subject, ThreadTeam threads) =>
        model.Network.Forward(subject.Input, null, new Pass(new Workspace(), threads, new Rng(0), Training: false)).Output.All.ToArray();

    private static void Members(Utf8JsonWriter json, string name, TaskAnswer evaluation, long bytes, double microseconds)
    {
        json.WriteStartObject(name);
        evaluation.WriteJson(json);
        json.WriteNumber("bytes", bytes);
        json.Number("step_us", Math.Round(microseconds, 3));
        json.WriteEndObject();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
