using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Networks;
using static Unroll.Exchange.Onnx.Wire.TensorProto.Types;

namespace Unroll.Exchange.Onnx.Writing;

//  x [batch, steps, features]      lengths [batch]      first states [batch, size] or [1, size]      →      y [batch, steps, outputs]; last states

/// <summary>
/// A network, or several whose mean is the answer, as one graph. Outside, the batch comes first, as users of ONNX Runtime expect; inside, time does,
/// as the recurrent operators read it. Here is the one place where the two meet.
/// </summary>
internal static class NetworkWriter
{
    /// <summary>The graph of whole sequences, or of one step.</summary>
    /// <param name="networks">The networks, of one description.</param>
    /// <param name="mean">How the outputs of several become one.</param>
    /// <param name="opset">The version of the operators.</param>
    /// <param name="step">Whether the graph takes one step of each sequence.</param>
    public static GraphWriter Write(IReadOnlyList<Network> networks, MemberMean mean, int opset, bool step)
    {
        Network first = networks[0];
        RequireOwnCells(first);
        if (step) first.RequireCausal("a graph of one step (the option step)");
        GraphWriter graph = new(step ? "step" : "network", opset);
        Steps x = Input(graph, first.Spec, step);
        List<GraphStates> states = [];
        List<Steps> outputs = [];
        foreach ((int k, Network network) in networks.Index())
        {
            string prefix = networks.Count == 1 ? "" : $"member.{k + 1}.";
            GraphStates own = new(graph, prefix, shown: true);
            states.Add(own);
            outputs.Add(new LayerWriter(graph, new GraphWeights(graph, network.Parameters, prefix), own)
                .Write(x, network.Spec, network.NewState(1)));
        }
        Steps y = outputs[0].With(MemberMeans.Write(graph, mean, [.. outputs.Select(one => one.Value)]), outputs[0].Features);
        Output(graph, y, x, step);
        foreach (GraphStates own in states) own.Finish();
        if (networks.Count == 1) Paths(graph, first);
        return graph;
    }

    /// <summary>Throws where a cell is one that only C# knows.</summary>
    public static void RequireOwnCells(Network network)
    {
        foreach (LayerSpec layer in network.Spec.Layers)
        {
            Cells.CellOptions? cell = layer switch { RecurrentSpec recurrent => recurrent.Cell, CharacterSpec words => words.Cell, _ => null };
            if (cell is { Definition: null, Kind: var kind } && Cells.CellCatalog.BuiltIn.Find(kind) is null)
                throw new UserErrorException($"layer '{layer.Name}': its cell '{kind}' is written in C#, and ONNX has no operators for it that this "
                    + $"program knows; expected one of {string.Join(", ", Cells.CellCatalog.BuiltIn.Kinds)}.");
        }
    }

    /// <summary>The inputs <c>x</c> and <c>lengths</c>, time first.</summary>
    public static Steps Input(GraphWriter graph, NetworkSpec spec, bool step)
    {
        LayerSpec? reader = spec.Layers.FirstOrDefault(layer => layer is not DropoutSpec);
        bool single = reader is EmbeddingSpec, indices = single || reader is CharacterSpec;
        DataType type = indices ? DataType.Int64 : DataType.Float;
        object[] shape = [.. step ? ["batch"] : new object[] { "batch", "steps" }, .. single ? [] : new object[] { spec.Inputs }];
        string x = graph.Input("x", type, shape);
        if (single) x = graph.Unsqueeze(x, step ? 1 : 2);
        if (step) return new Steps(graph.Unsqueeze(x, 0), spec.Inputs, null, null);
        string lengths = graph.Input("lengths", DataType.Int32, "batch");
        x = graph.Transpose(x, 1, 0, 2);
        string mask = Steps.MaskOf(graph, x, lengths);
        // Whatever stands past a sequence's end is no index.
        return new Steps(indices ? graph.Where(mask, x, graph.Long(0)) : x, spec.Inputs, lengths, mask);
    }

    private static void Output(GraphWriter graph, Steps y, Steps x, bool step)
    {
        string value = y.Masked(graph);
        if (step || y.Pooled)
        {
            graph.Output("y", graph.Squeeze(value, 0), DataType.Float, "batch", y.Features);
            return;
        }
        bool fewer = y.Lengths != x.Lengths;
        graph.Output("y", graph.Transpose(value, 1, 0, 2), DataType.Float, "batch", fewer ? "fewer_steps" : "steps", y.Features);
        if (fewer) graph.Output("y_lengths", y.Lengths!, DataType.Int32, "batch");
    }

    // What a search for the best path needs beside the scores.
    private static void Paths(GraphWriter graph, Network network)
    {
        if (network.Spec.Layers is not [.., CrfSpec crf]) return;
        GraphWeights weights = new(graph, network.Parameters, "");
        int classes = network.OutputSize;
        graph.Output("transitions", weights.Whole($"{crf.Name}.transitions"), DataType.Float, classes, classes);
        graph.Output("start", weights.Whole($"{crf.Name}.start"), DataType.Float, classes);
        graph.Output("end", weights.Whole($"{crf.Name}.end"), DataType.Float, classes);
    }
}
