using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// The states of a graph's recurrent layers. A first state is an input with a default: an initializer of the same name, [1, size], that stands for
/// every sequence and holds what the network begins with. Whoever gives none has it; whoever gives [batch, size] goes on from there.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="prefix">Before every name, as of the weights.</param>
/// <param name="shown">Whether states are inputs and outputs of the graph at all; those that read a word's letters are not.</param>
internal sealed class GraphStates(GraphWriter graph, string prefix, bool shown)
{
    private const TensorProto.Types.DataType Floats = TensorProto.Types.DataType.Float;
    private readonly List<(string Name, string Value, int Size)> _last = [];

    /// <summary>The names of the inputs, in the order of the layers.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>What a sequence begins with.</summary>
    /// <param name="place">The layer and direction: <c>encoder.l0_reverse</c>.</param>
    /// <param name="part"><c>h</c> or <c>c</c>.</param>
    /// <param name="first">[size]: what the network begins with.</param>
    /// <param name="like">[steps, batch, features]: what has the batch.</param>
    /// <returns>[batch, size].</returns>
    public string First(string place, string part, ReadOnlySpan<float> first, string like)
    {
        string name = $"{prefix}{place}.{part}_in";
        graph.Floats(name, [1, first.Length], first);
        if (shown)
        {
            graph.Input(name, Floats, "batch_or_1", first.Length);
            Inputs.Add(name);
        }
        return graph.Node("Expand", [name, graph.Concat(0, graph.Dimension(like, 1), graph.Longs(first.Length))]);
    }

    /// <summary>What a sequence ended with.</summary>
    public void Last(string place, string part, string value, int size)
    {
        if (shown) _last.Add(($"{prefix}{place}.{part}_out", value, size));
    }

    /// <summary>Writes the outputs, after those of the network.</summary>
    public void Finish()
    {
        foreach ((string name, string value, int size) in _last) graph.Output(name, value, Floats, "batch", size);
    }
}
