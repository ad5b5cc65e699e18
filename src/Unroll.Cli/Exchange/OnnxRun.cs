using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Exchange.Onnx.Values;
using Unroll.Files;
using Unroll.Formats;

namespace Unroll.Cli.Exchange;

/// <summary>One run of an ONNX model on arrays from files.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="Outputs">Each output by name, and the file that it was written to.</param>
internal sealed record OnnxRun(string Model, IReadOnlyList<(string Name, OnnxValue Value, string? File)> Outputs)
{
    private const int MostPrinted = 100;

    /// <summary>Reads, runs and writes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Its file.</param>
    /// <param name="inputs"><c>NAME=FILE</c>, or <c>FILE</c> where there is one input only.</param>
    /// <param name="folder">Where the outputs go; null for nowhere.</param>
    /// <param name="options">What the run may use.</param>
    /// <exception cref="UserErrorException">A file cannot be read, an input is not as declared, or the run failed. No output was written.</exception>
    /// <remarks>A graph that is a network of this library runs as that network, which is faster; the answers are the same to rounding.</remarks>
    public static OnnxRun Of(OnnxModel model, string path, IReadOnlyList<string> inputs, string? folder, OnnxRunOptions options)
    {
        string?[] files = folder is null ? new string?[model.Outputs.Count] : OutputFiles.Of(model.Outputs.Select(port => port.Name), folder);
        Dictionary<string, OnnxValue> given = [];
        foreach (string input in inputs)
        {
            (OnnxPort port, string file) = Named(model, path, input);
            if (!given.TryAdd(port.Name, ArrayInput.Read(file, port))) throw new UserErrorException($"--input: '{port.Name}' is given twice.");
        }
        IReadOnlyDictionary<string, OnnxValue> made = LiftedNetwork.TryLift(model, out _)?.NewSession().TryRun(given) ?? model.Run(given, options);
        List<(string, OnnxValue, string?)> outputs = [];
        for (int i = 0; i < files.Length; i++)
        {
            string name = model.Outputs[i].Name;
            if (files[i] is not null && made[name] is not OnnxTensor)
                throw new UserErrorException($"'{path}': the output '{name}' is a {made[name].Text}, and an .npy file holds one array; run it "
                    + "without --output-dir.");
            outputs.Add((name, made[name], files[i]));
        }
        if (folder is not null) Folder.Create(folder);
        foreach ((_, OnnxValue value, string? file) in outputs)
            if (file is not null) Npy.Write(file, ArrayInput.ToTensor((OnnxTensor)value));
        return new(path, outputs);
    }

    /// <summary>For people: each output, and its numbers where they are few and were not written to a file.</summary>
    public IEnumerable<string> Lines()
    {
        foreach ((string name, OnnxValue value, string? file) in Outputs)
        {
            yield return $"{name}: {value.Text}{(file is null ? "" : $" → {file}")}";
            if (file is null && value is OnnxTensor tensor)
                foreach (string row in ArrayText.Rows(tensor, MostPrinted)) yield return "  " + row;
        }
    }

    /// <summary>For programs: the same, with every number of what was not written to a file.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("model", Model);
        json.WriteObjects("outputs", Outputs, (writer, output) =>
        {
            writer.WriteString("name", output.Name);
            writer.WriteUnlessNull("file", output.File);
            if (output.Value is not OnnxTensor tensor)
            {
                writer.WriteString("value", output.Value.Text);
                return;
            }
            writer.WriteString("type", tensor.Type.Name());
            writer.WriteWholes("shape", tensor.Shape.ToArray());
            if (output.File is null) ArrayText.WriteJson(writer, "values", tensor);
        });
    }

    // A name may hold '=', and so may a file's: the names that the model has are looked for first.
    private static (OnnxPort Port, string File) Named(OnnxModel model, string path, string input)
    {
        OnnxPort[] all = [.. model.Inputs, .. model.OptionalInputs];
        if (all.FirstOrDefault(port => input.StartsWith(port.Name + "=", StringComparison.Ordinal)) is { } named)
            return (named, input[(named.Name.Length + 1)..]);
        if (model.Inputs is [var only] && (!input.Contains('=') || File.Exists(input))) return (only, input);
        string typed = input.Split('=')[0], list = string.Join("; ", model.Inputs);
        throw new UserErrorException(input.Contains('=')
            ? $"--input: '{path}' has no input '{typed}'{NearestName.Question(typed, all.Select(port => port.Name), $"its inputs are {list}")}."
            : $"--input: expected NAME=FILE.npy, found '{input}'; the inputs of '{path}' are {list}.");
    }
}
