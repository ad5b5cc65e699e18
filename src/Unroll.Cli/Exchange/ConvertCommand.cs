using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Keras.Writing;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Exchange.PyTorch;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Cli.Exchange;

/// <summary><c>unroll convert MODEL OUTPUT</c>: writes a model for another program; the ending of the output says which.</summary>
internal static class ConvertCommand
{
    // One line for each kind of file that a model can become.
    private static readonly Writer[] s_writers =
    [
        new(".onnx", "ONNX", Onnx),
        new(".pytorch.safetensors", "a state_dict of PyTorch", PyTorch),
        new(".weights.h5", "Keras 3", Keras),
    ];

    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> output = new("OUTPUT")
        {
            Description = "the file to write; its ending says what it is: "
                + string.Join(", ", s_writers.Select(one => $"{one.Ending} ({one.What})")),
        };
        ConvertOptions options = new();
        Command command = new("convert", "Write a model as a file of another program.") { common.Model, output };
        options.AddTo(command);
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string from = parsed.GetValue(common.Model)!, to = parsed.GetValue(output)!;
            Writer writer = s_writers.FirstOrDefault(one => to.EndsWith(one.Ending, StringComparison.OrdinalIgnoreCase))
                ?? throw new UserErrorException($"OUTPUT: expected a file that ends in {string.Join(" or ", s_writers.Select(one => one.Ending))}, "
                    + $"got '{to}'.");
            if (Path.GetFullPath(from) == Path.GetFullPath(to))
                throw new UserErrorException($"OUTPUT: '{to}' is the model itself, which would be lost; choose another file.");
            ModelFile file = ModelFile.Load(from);
            if (file.Note is { } note) terminal.Say($"note: {note}");
            try
            {
                writer.Convert(new ConvertCall(file, to, parsed, options, common, terminal));
                return CommandLine.Done;
            }
            catch (ExportDifferenceException e)
            {
                terminal.Say($"error: {e.Message}");
                return CommandLine.Failed;
            }
        });
        return command;
    }

    private static void Onnx(ConvertCall call)
    {
        OnnxExportReport report = OnnxExport.Save(call.Output, call.File, new OnnxExportOptions
        {
            Opset = Opt.Within(call.Parsed, call.Options.Opset, new OnnxExportOptions().Opset, OnnxExportOptions.FirstOpset,
                OnnxExportOptions.LastOpset),
            Step = call.Parsed.GetValue(call.Options.Step), Member = call.Parsed.GetValue(call.Options.Member),
        });
        TextWriter lines = call.Common.Lines(call.Parsed);
        foreach (OnnxExportFile file in report.Files)
        {
            lines.WriteLine($"{file.Path}: {file.Operators.Values.Sum()} nodes{Recurrent(file)}");
            foreach (string input in file.Inputs) lines.WriteLine($"  in   {input}");
            foreach (string value in file.Outputs) lines.WriteLine($"  out  {value}");
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  read back and run: largest |Δ| {file.Largest.Difference:G3} of "
                + $"{file.Largest.Count:N0} numbers up to {file.Largest.Value:G3}"));
        }
        foreach (string note in report.Notes) call.Terminal.Say($"note: {note}");
        call.Common.WriteJson(call.Parsed, json =>
        {
            json.WriteObjects("files", report.Files, Write);
            json.WriteTexts("notes", report.Notes);
        });
    }

    private static string Recurrent(OnnxExportFile file) => string.Concat(file.Operators
        .Where(one => one.Key is "LSTM" or "GRU" or "RNN" or "Scan").Select(one => $", {one.Value} {one.Key}"));

    private static void PyTorch(ConvertCall call)
    {
        RefuseOnnxOptions(call, "a state_dict of PyTorch");
        StateDictReport report = StateDict.Save(call.Output, call.File, call.Parsed.GetValue(call.Options.Member));
        TextWriter lines = call.Common.Lines(call.Parsed);
        lines.WriteLine($"{report.Path}: {report.Tensors} tensors, of these modules:");
        foreach (string module in report.Modules) lines.WriteLine($"  {module}");
        foreach (string note in report.Notes) call.Terminal.Say($"note: {note}");
        call.Common.WriteJson(call.Parsed, json =>
        {
            json.WriteString("file", report.Path);
            json.WriteNumber("tensors", report.Tensors);
            json.WriteTexts("modules", report.Modules);
            json.WriteTexts("notes", report.Notes);
        });
    }

    private static void Keras(ConvertCall call)
    {
        RefuseOnnxOptions(call, "a file of Keras");
        int members = call.File.Members, member = call.Parsed.GetValue(call.Options.Member) ?? 1;
        if (member < 1 || member > members || (members > 1 && call.Parsed.GetValue(call.Options.Member) is null))
            throw new UserErrorException($"--member: the model has {members} members, and Keras's weights are those of one; "
                + $"choose one from 1 to {members}.");
        Network network = Network.Build(call.File.Spec, call.File.Cells);
        call.File.CopyInto(network.Parameters, member);
        KerasExportReport report = KerasExport.Write(call.Output, network);
        TextWriter lines = call.Common.Lines(call.Parsed);
        foreach ((string what, string path) in new[] { "weights", "code", "configuration" }.Zip(report.Files)) lines.WriteLine($"{what}: {path}");
        lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"read back and run: largest |Δ| {report.Difference:G3} of "
            + $"{report.Count:N0} numbers up to {report.Largest:G3}"));
        call.Common.WriteJson(call.Parsed, json =>
        {
            json.WriteTexts("files", report.Files);
            json.WriteNumber("largest_difference", report.Difference);
            json.WriteNumber("largest_value", report.Largest);
            json.WriteNumber("compared", report.Count);
        });
    }

    private static void RefuseOnnxOptions(ConvertCall call, string what)
    {
        foreach (Option option in (Option[])[call.Options.Opset, call.Options.Step])
            if (call.Parsed.GetResult(option) is { Implicit: false })
                throw new UserErrorException($"{option.Name}: it belongs to ONNX, and '{call.Output}' is {what}; leave it out.");
    }

    private static void Write(Utf8JsonWriter json, OnnxExportFile file)
    {
        json.WriteString("file", file.Path);
        json.WriteTexts("inputs", file.Inputs);
        json.WriteTexts("outputs", file.Outputs);
        json.WriteNumber("largest_difference", file.Largest.Difference);
        json.WriteNumber("largest_value", file.Largest.Value);
        json.WriteNumber("compared", file.Largest.Count);
    }

    private sealed record Writer(string Ending, string What, Action<ConvertCall> Convert);
}

/// <summary>What a writer is given.</summary>
/// <param name="File">The model.</param>
/// <param name="Output">The file to write.</param>
/// <param name="Parsed">What was typed.</param>
/// <param name="Options">The options that some writers have.</param>
/// <param name="Common">How the command ends.</param>
/// <param name="Terminal">Where notes go.</param>
internal sealed record ConvertCall(
    ModelFile File, string Output, ParseResult Parsed, ConvertOptions Options, CommonOptions Common, Terminal Terminal);

/// <summary>The options of <c>convert</c>.</summary>
internal sealed class ConvertOptions
{
    internal Option<int?> Opset { get; } = Opt.Int("--opset", "N",
        $"ONNX: the version of the operators, {OnnxExportOptions.FirstOpset} … {OnnxExportOptions.LastOpset} "
        + $"(default {new OnnxExportOptions().Opset})");

    internal Option<bool> Step { get; } = Opt.Bool("--step", "ONNX: write NAME.step.onnx too, which takes one step of each sequence, for streams");

    internal Option<int?> Member { get; } = Opt.Int("--member", "K",
        "of a model with several members the one to write, from 1 (default: their mean)");

    internal void AddTo(Command command)
    {
        command.Add(Opset);
        command.Add(Step);
        command.Add(Member);
    }
}
