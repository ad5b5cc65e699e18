using Google.Protobuf;
using Unroll.Core;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Files;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>The files of one export: each is read back and compared with the network, and all are written at the end, or none.</summary>
/// <param name="path">The file that was asked for.</param>
/// <param name="options">How.</param>
/// <param name="taskJson">What the task has stored.</param>
/// <param name="network">The network's description.</param>
/// <param name="hash">Of the weights.</param>
internal sealed class ExportPlan(string path, OnnxExportOptions options, string taskJson, string network, string hash)
{
    private readonly List<string> _notes = [];
    private readonly List<(string Path, GraphProto Graph, string Kind, (string, string)[] More, Func<RunGraph, ProbeResult> Compare)> _graphs = [];
    private readonly Dictionary<int, ProbeResult> _replaced = [];

    /// <summary>The file that was asked for.</summary>
    public string Path => path;

    /// <summary>How.</summary>
    public OnnxExportOptions Options => options;

    /// <summary>Says something to the user, in the report and in the files.</summary>
    public void Note(string sentence) => _notes.Add($"{sentence}.");

    /// <summary>NAME.kind.onnx beside NAME.onnx.</summary>
    public string Named(string kind) => System.IO.Path.ChangeExtension(path, $".{kind}.onnx");

    /// <summary>Adds a file.</summary>
    public void Add(string file, GraphProto graph, string kind, (string, string)[] more, Func<RunGraph, ProbeResult> compare) =>
        _graphs.Add((file, graph, kind, more, compare));

    /// <summary>What was found of an earlier file while a later one was compared.</summary>
    public void Replace(int file, ProbeResult result) => _replaced[file] = result;

    /// <summary>Compares and writes.</summary>
    /// <exception cref="ExportDifferenceException">A file does not give what the network gives.</exception>
    /// <exception cref="UserErrorException">The network gives no finite number, or a file cannot be written.</exception>
    public OnnxExportReport Finish()
    {
        foreach ((string file, _, _, _, _) in _graphs) AtomicFile.RequireWritable(file);
        List<(string Path, byte[] Bytes, GraphProto Graph, ProbeResult Result)> done = [];
        foreach ((string file, GraphProto graph, string kind, (string, string)[] more, Func<RunGraph, ProbeResult> compare) in _graphs)
        {
            byte[] bytes = ModelMetadata.Of(graph, options, [.. Metadata(kind), .. more]).ToByteArray();
            done.Add((file, bytes, graph, compare(Reader(file, bytes))));
        }
        foreach ((int k, ProbeResult result) in _replaced) done[k] = done[k] with { Result = result };
        foreach ((string file, _, _, ProbeResult result) in done) Require(file, result);
        foreach ((string file, byte[] bytes, _, _) in done) AtomicFile.Write(file, stream => stream.Write(bytes));
        return new OnnxExportReport([.. done.Select(one => GraphSummary.Of(one.Path, one.Graph, one.Result))], _notes);
    }

    private void Require(string file, ProbeResult result)
    {
        if (!result.IsClose) throw new ExportDifferenceException(file, result);
        if (result.Undefined == 0) return;
        if (result.Value == 0)
            throw new UserErrorException($"'{file}': on random rows the network gives infinities and what is no number, and nothing else, so that "
                + "the graph cannot be held against it; nothing was written. Keep operands of log, sqrt, / and powers where they are defined.");
        Note($"'{file}': on random rows {result.Undefined:N0} numbers are infinite or no number, in the network as in the graph, beside "
            + $"{result.Count:N0} that were compared");
    }

    private static RunGraph Reader(string file, byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        (Graphs.OnnxGraph graph, Graphs.OnnxDescription description) = OnnxFile.Read(stream, new ReadingContext(file, null, null));
        OnnxModel model = OnnxModel.Of(graph, description);
        return inputs => model.Run(inputs);
    }

    private IEnumerable<(string, string)> Metadata(string kind)
    {
        yield return (ModelMetadata.Graph, kind);
        yield return (ModelMetadata.Network, network);
        yield return (ModelMetadata.Task, taskJson);
        yield return (ModelMetadata.Hash, hash);
        if (_notes.Count > 0) yield return (ModelMetadata.Notes, string.Join('\n', _notes));
        foreach ((string, string) readable in ModelMetadata.Readable(taskJson)) yield return readable;
    }
}

/// <summary>A written file does not give what its network gives: a fault of the exporter. Nothing was written.</summary>
public sealed class ExportDifferenceException : Exception
{
    internal ExportDifferenceException(string file, ProbeResult result) : base(
        $"'{file}': read back and run, it differs from the network by {result.Difference:G3} where values reach {result.Value:G3}, more than "
        + $"{ProbeResult.Tolerance:G1} of that; nothing was written. Please report it with the network's description ('unroll info').")
    {
    }
}
