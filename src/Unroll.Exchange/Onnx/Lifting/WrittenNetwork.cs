using System.Text.Json;
using Google.Protobuf;
using Unroll.Core;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>
/// The way back from a file that this library wrote: the description of the network is in its metadata, the weights are read from the graph, and the
/// network is believed only if it is written again as the same graph, node by node and bit by bit.
/// </summary>
public static class WrittenNetwork
{
    /// <summary>The network; null: it is no such file, or its graph is another.</summary>
    /// <param name="model">The model.</param>
    /// <param name="why">Where it says that it is such a file: why it is not believed; else empty.</param>
    public static Network? TryRead(OnnxModel model, out string why)
    {
        why = "";
        IReadOnlyDictionary<string, string> metadata = model.Description.Metadata;
        if (!metadata.TryGetValue(ModelMetadata.Network, out string? text)) return null;
        if (metadata.TryGetValue(ModelMetadata.Members, out string? members) && !metadata.ContainsKey(ModelMetadata.Member))
            why = $"it is the mean of {members} networks; write one of them by the option member";
        else if (metadata.GetValueOrDefault(ModelMetadata.Graph) is not ("sequences" or "step"))
            why = "it is one of the two graphs of an encoder–decoder, and a model file has both; keep the model file";
        else
            try
            {
                return Read(model, NetworkSpec.FromJson(text), metadata[ModelMetadata.Graph] == "step", out why);
            }
            catch (Exception e) when (e is JsonException or UserErrorException or ShapeException)
            {
                why = $"the network that its metadata describe cannot be made: {e.Message.TrimEnd('.')}";
            }
        return null;
    }

    private static Network? Read(OnnxModel model, NetworkSpec spec, bool step, out string why)
    {
        Network network = Network.Build(spec);
        long there = model.Graph.Initializers.Values.Where(tensor => tensor.Type == OnnxType.Float).Sum(tensor => (long)tensor.Count);
        if (network.Parameters.Length > there)
        {
            why = $"its metadata describe a network of {network.Parameters.Length:N0} weights, and the graph has {there:N0}";
            return null;
        }
        GraphProto graph = new();
        foreach ((string name, OnnxTensor tensor) in model.Graph.Initializers.Where(one => one.Value.Type == OnnxType.Float))
            graph.Initializer.Add(new TensorProto
            {
                Name = name, DataType = tensor.Type.Number(), RawData = UnsafeByteOperations.UnsafeWrap(tensor.Memory),
                Dims = { tensor.Shape.ToArray().Select(size => (long)size) },
            });
        IReadOnlyList<string> missing = new WrittenWeights([graph]).CopyInto(spec, network.Parameters);
        string? other = missing.Count > 0 ? $"it has no weights for '{missing[0]}'" : Difference(model, network, step);
        why = other is null ? "" : $"its graph is not the one of the network that its metadata describe: {other} differs";
        return other is null ? network : null;
    }

    private static string? Difference(OnnxModel model, Network network, bool step)
    {
        OnnxExportOptions options = new() { Opset = model.Description.Opsets.GetValueOrDefault("", 17) };
        byte[] bytes = ModelMetadata.Of(NetworkWriter.Write([network], MemberMean.None, options.Opset, step).Graph, options, []).ToByteArray();
        using MemoryStream stream = new(bytes);
        (OnnxGraph again, _) = OnnxFile.Read(stream, new ReadingContext(model.Description.File, null, null));
        return GraphComparison.Difference(model.Graph, again);
    }
}
