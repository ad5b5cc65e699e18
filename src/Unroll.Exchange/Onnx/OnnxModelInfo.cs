using Unroll.Core;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx;

/// <summary>What an ONNX file holds, whether it can be run or not.</summary>
public sealed record OnnxModelInfo
{
    private OnnxModelInfo() { }

    /// <summary>The model; null where it cannot be run.</summary>
    public OnnxModel? Model { get; private init; }

    /// <summary>Why it cannot be run; null where it can.</summary>
    public string? Refused { get; private init; }

    /// <summary>The program that wrote it, and that program's version; empty where it does not say.</summary>
    public required (string Name, string Version) Producer { get; init; }

    /// <summary>The version of the file format.</summary>
    public required long IrVersion { get; init; }

    /// <summary>The version of each domain of operators; ONNX's own domain is empty.</summary>
    public required IReadOnlyDictionary<string, int> Opsets { get; init; }

    /// <summary>The inputs that must be given.</summary>
    public required IReadOnlyList<OnnxPort> Inputs { get; init; }

    /// <summary>The outputs.</summary>
    public required IReadOnlyList<OnnxPort> Outputs { get; init; }

    /// <summary>The weights: how many tensors, numbers and bytes.</summary>
    public required (int Tensors, long Numbers, long Bytes) Weights { get; init; }

    /// <summary>The operators and how often each stands in the graph and in the graphs inside of it, the commonest first.</summary>
    public required IReadOnlyList<(string Name, int Count)> Operators { get; init; }

    /// <summary>The recurrent nodes: name, operator, and in words the order of gates, directions, layout, activations and so on.</summary>
    public required IReadOnlyList<(string Node, string Operator, string Conventions)> Recurrent { get; init; }

    /// <summary>Texts that the producer added.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Weights that no node reads.</summary>
    public required IReadOnlyList<string> UnusedWeights { get; init; }

    /// <summary>Inputs that no node reads.</summary>
    public required IReadOnlyList<string> UnusedInputs { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Receives what the user should know, one line each; null for nobody.</param>
    /// <param name="warn">Receives what may be wrong in the model itself; null for nobody.</param>
    /// <exception cref="UserErrorException">It is no ONNX model, or it is damaged.</exception>
    public static OnnxModelInfo Read(string path, Action<string>? note = null, Action<string>? warn = null)
    {
        (OnnxGraph graph, OnnxDescription description) = OnnxFile.Read(path, note);
        OnnxModel? model = null;
        string? refused = null;
        try
        {
            model = OnnxModel.Of(graph, description);
            foreach (string warning in SuspectGru.Warnings(model)) warn?.Invoke(warning);
        }
        catch (UserErrorException e)
        {
            refused = e.Message;
        }
        OnnxTensor[] weights = [.. GraphUse.Weights(graph)];
        return new()
        {
            Model = model, Refused = refused, Producer = (description.Producer, description.ProducerVersion), IrVersion = description.IrVersion,
            Opsets = description.Opsets, Metadata = description.Metadata, Outputs = graph.Outputs,
            Inputs = [.. graph.Inputs.Where(input => !graph.Initializers.ContainsKey(input.Name))],
            Weights = (weights.Length, weights.Sum(one => (long)one.Count), weights.Sum(one => (long)one.Bytes.Length)),
            Operators = [.. graph.AllNodes.CountBy(node => node.Domain.Length == 0 ? node.Operator : $"{node.Domain}.{node.Operator}")
                .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value))],
            Recurrent = [.. graph.AllNodes.Select(node => (Name(node), node.Operator, Conventions(node, path))).Where(one => one.Item3.Length > 0)],
            UnusedWeights = GraphUse.UnusedWeights(graph), UnusedInputs = GraphUse.UnusedInputs(graph),
        };
    }

    private static string Name(OnnxNode node) => node.Name.Length > 0 ? node.Name : node.Outputs[0];

    // Of a node that is not recurrent nothing; why they cannot be read where a node is wrong.
    private static string Conventions(OnnxNode node, string path)
    {
        try
        {
            return ConventionReader.Read(node, path)?.Describe(node.Operator == "LSTM" && node.Inputs.Count > 7 && node.Inputs[7].Length > 0) ?? "";
        }
        catch (UserErrorException e)
        {
            return e.Message;
        }
    }
}
