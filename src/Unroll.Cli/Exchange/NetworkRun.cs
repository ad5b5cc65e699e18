using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Tasks;
using Unroll.Tasks.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Exchange;

//  in    rows       [steps, inputs] or [sequences, steps, inputs]; of an embedding indices, [steps] or [sequences, steps]
//        lengths    [sequences], whole numbers: how many steps of each sequence count; may be left out
//  out   outputs    [steps, outputs] or [sequences, steps, outputs], zeros after a sequence's end; where the network pools, one row

/// <summary>One run of a network by itself on arrays from files.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="Outputs">The outputs.</param>
/// <param name="File">Where they were written; null: nowhere.</param>
internal sealed record NetworkRun(string Model, Tensor Outputs, string? File)
{
    private const string Rows = "rows", Lengths = "lengths", Output = "outputs";
    private const int MostPrinted = 100;

    /// <summary>Reads, runs and writes.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="inputs"><c>FILE</c>, <c>rows=FILE</c> or any other name of the rows, <c>lengths=FILE</c>.</param>
    /// <param name="folder">Where the outputs go; null for nowhere.</param>
    /// <param name="note">Receives what the user should know.</param>
    /// <exception cref="UserErrorException">It is a model of another task, a file cannot be read, or an input does not fit.</exception>
    public static NetworkRun Of(string path, IReadOnlyList<string> inputs, string? folder, Action<string> note)
    {
        if (TaskList.Of(path) is { Name: var task } and not NetworkTask)
            throw new UserErrorException($"'{path}' is a model of the task {task}, and 'unroll run' takes networks by themselves and ONNX models; " +
                $"use 'unroll predict {path}'.");
        NetworkModel model = (NetworkModel)TaskList.Open(path, note: note);
        Dictionary<string, string> files = [];
        foreach (string input in inputs)
        {
            // What a graph would call its input is taken for the rows, which are all that a network has.
            int sign = System.IO.File.Exists(input) ? -1 : input.IndexOf('=');
            (string name, string file) = sign < 0 ? (Rows, input) : (input[..sign] == Lengths ? Lengths : Rows, input[(sign + 1)..]);
            if (!files.TryAdd(name, file)) throw new UserErrorException($"--input: '{name}' is given twice.");
        }
        if (!files.TryGetValue(Rows, out string? rows))
            throw new UserErrorException($"--input: expected {Rows}=FILE.npy, and perhaps {Lengths}=FILE.npy, found " +
                $"{(inputs.Count == 0 ? "none" : $"'{inputs[0]}'")}.");
        string? to = folder is null ? null : OutputFiles.Of([Output], folder)[0];
        Tensor array = Npy.Read(rows);
        IReadOnlyList<float[]> sequences = NetworkRows.OfArray(model, array, rows).Sequences;
        if (files.TryGetValue(Lengths, out string? lengths)) sequences = Cut(model, sequences, lengths);
        bool single = array.Shape.Length == 1 || (array.Shape.Length == 2 && !model.TakesIndices);
        Tensor outputs = Padded(model.Run(sequences), model.Network.OutputSize, single);
        if (folder is not null) Folder.Create(folder);
        if (to is not null) Npy.Write(to, outputs);
        return new(path, outputs, to);
    }

    /// <summary>For people: the outputs' shape, and the numbers where they are few and were not written.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Output}: float32 {Outputs.ShapeText}{(File is null ? "" : $" → {File}")}";
        if (File is not null) yield break;
        if (Outputs.Count > MostPrinted) yield return $"  {Outputs.Count:N0} numbers; --output-dir DIR writes them to a file";
        else foreach (float[] row in Outputs.Float32.ToArray().Chunk(Outputs.Shape[^1]))
            yield return "  " + string.Join(' ', row.Select(value => value.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>For programs: the same, with every number of what was not written.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("model", Model);
        json.WriteObjects("outputs", [this], (writer, run) =>
        {
            writer.WriteString("name", Output);
            writer.WriteUnlessNull("file", run.File);
            writer.WriteString("type", "float32");
            writer.WriteWholes("shape", run.Outputs.Shape.ToArray());
            if (run.File is null) writer.WriteNumbers("values", run.Outputs.Float32.ToArray().Select(value => (double)value));
        });
    }

    private static IReadOnlyList<float[]> Cut(NetworkModel model, IReadOnlyList<float[]> sequences, string file)
    {
        Tensor array = Npy.Read(file);
        long[] lengths = array.Type switch
        {
            TensorType.I64 => array.Int64.ToArray(),
            TensorType.I32 => Array.ConvertAll(array.Int32.ToArray(), length => (long)length),
            _ => throw new UserErrorException($"--input {Lengths}: '{file}' holds {array.TypeName}; expected whole numbers, int64 or int32."),
        };
        int inputs = model.Network.InputSize, steps = sequences[0].Length / inputs;
        if (array.Shape.Length != 1 || lengths.Length != sequences.Count)
            throw new UserErrorException($"--input {Lengths}: '{file}' has the shape {array.ShapeText}, expected [{sequences.Count}], a length for " +
                $"each sequence.");
        if (lengths.Any(length => length < 0 || length > steps))
            throw new UserErrorException($"--input {Lengths}: expected 0 to {steps}, because the rows have {steps} steps, found " +
                $"{lengths.First(l => l < 0 || l > steps)}.");
        return [.. sequences.Select((one, n) => one[..(int)(lengths[n] * inputs)])];
    }

    private static Tensor Padded(IReadOnlyList<float[]> outputs, int size, bool single)
    {
        int rows = outputs.Max(one => one.Length) / size;
        float[] all = new float[outputs.Count * rows * size];
        for (int n = 0; n < outputs.Count; n++) outputs[n].CopyTo(all, n * rows * size);
        return single ? Tensor.Of(Output, [rows, size], all) : Tensor.Of(Output, [outputs.Count, rows, size], all);
    }
}
