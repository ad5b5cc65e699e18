using System.CommandLine;
using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;

namespace Unroll.Cli.Exchange;

/// <summary><c>unroll run MODEL</c>: arrays in, arrays out.</summary>
internal static class RunCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> model = new("MODEL") { Description = "an ONNX model, a file that ends in .onnx, or a network that 'unroll import' wrote" };
        Option<string[]> inputs = new("--input")
        {
            HelpName = "NAME=FILE.npy", Description = "an input of the model (once for each; the name may be left out where there is one input only)",
        };
        Option<string> folder = Opt.String("--output-dir", "DIR", "where to write each output, as DIR/NAME.npy (default: outputs are printed)");
        Option<int?> memory = Opt.Int("--memory-limit", "MB", "the most megabytes of values at the same time (default 2048)"),
            steps = Opt.Int("--loop-limit", "N", "the most steps of all loops together (default 1000000)");
        Command command = new("run", "Run a model on arrays: NumPy files in, NumPy files out.") { model, inputs, folder, memory, steps };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string path = parsed.GetValue(model)!;
            if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            {
                foreach (Option option in (Option[])[memory, steps])
                    if (parsed.GetResult(option) is { Implicit: false })
                        throw new UserErrorException($"{option.Name}: it belongs to ONNX models, and '{path}' is none; leave it out.");
                NetworkRun own = NetworkRun.Of(path, parsed.GetValue(inputs) ?? [], parsed.GetValue(folder), terminal.Say);
                foreach (string line in own.Lines()) common.Lines(parsed).WriteLine(line);
                common.WriteJson(parsed, own.WriteJson);
                return CommandLine.Done;
            }
            if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
                throw new UserErrorException($"'{path}': 'unroll run' takes ONNX models, whose names end in .onnx, and networks, in .safetensors; " +
                    $"name one.");
            OnnxRunOptions options = new()
            {
                MemoryLimit = (long)Opt.Within(parsed, memory, 2048, 1, int.MaxValue) << 20,
                LoopLimit = Opt.Within(parsed, steps, 1_000_000, 1, int.MaxValue),
            };
            OnnxRun run = OnnxRun.Of(path, parsed.GetValue(inputs) ?? [], parsed.GetValue(folder), options, terminal.Say);
            foreach (string line in run.Lines()) common.Lines(parsed).WriteLine(line);
            common.WriteJson(parsed, run.WriteJson);
            return CommandLine.Done;
        });
        return command;
    }
}
