using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Layers;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>One description of a layer → its operators: the one place that a new kind of layer is added to.</summary>
internal sealed class LayerWriter(GraphWriter graph, GraphWeights weights, GraphStates states)
{
    private readonly PoolingWriter _pooling = new(graph, weights);
    private readonly RecurrentWriter _recurrent = new(graph, weights, states);

    /// <summary>Writes a network.</summary>
    /// <param name="x">Its input.</param>
    /// <param name="spec">The layers.</param>
    /// <param name="first">What each recurrent layer begins with, a part for each in order.</param>
    public Steps Write(Steps x, NetworkSpec spec, State first)
    {
        int part = 0;
        Steps y = x;
        foreach (LayerSpec layer in spec.Layers)
        {
            graph.Scope = weights.Prefix + layer.Name;
            y = layer is RecurrentSpec recurrent
                ? _recurrent.Write(y, recurrent, () => first.Children[part++])
                : Write(y, layer, spec, x);
        }
        graph.Scope = "output";
        return y;
    }

    internal static UserErrorException Unknown(LayerSpec spec) =>
        new($"layer '{spec.Name}': its kind '{spec.GetType().Name}' cannot be written as ONNX by this version; leave it out of the network.");

    private Steps Write(Steps x, LayerSpec layer, NetworkSpec spec, Steps input) => layer switch
    {
        DropoutSpec or CrfSpec => x,                                     // nothing outside training; scores of paths are no part of the graph
        DenseSpec dense => x.With(weights.Dense(dense.Name, x.Value), dense.Outputs),
        EmbeddingSpec embedding => x.With(
            graph.Node("Gather", [weights.Whole($"{embedding.Name}.weight"), graph.Squeeze(x.Value, 2)], Attributes.Of("axis", 0)), embedding.Size),
        TiedSpec tied => Tied(x, tied, spec.EmbeddingOf(tied)),
        CharacterSpec words => Words(x, words),
        ConvolutionSpec filters => Convolution(x, filters),
        StepPoolSpec pool => StepPool(x, pool.Steps),
        TailProjectionSpec tail => Tail(x, tail),
        LayerNormSpec norm => x.With(
            graph.LayerNorm(x.Value, weights.Whole($"{norm.Name}.weight"), weights.Whole($"{norm.Name}.bias"), (float)norm.Epsilon), x.Features),
        FlipSpec => x.With(Flipped(x), x.Features),
        WideSpec wide => Wide(x, wide, input),
        PoolingSpec pooling => _pooling.Write(x, pooling),
        _ => throw Unknown(layer),
    };

    //  y⟨t⟩ = x⟨T − 1 − t⟩, of each sequence; one without steps is asked for one, as the operator wants, which stays where it is
    private string Flipped(Steps x)
    {
        string lengths = graph.Cast(graph.Node("Max", [x.Lengths!, graph.Int(1)]), TensorProto.Types.DataType.Int64);
        return graph.Node("ReverseSequence", [x.Value, lengths], Attributes.Of("time_axis", 0), Attributes.Of("batch_axis", 1));
    }

    //  y = x Eᵀ + b
    private Steps Tied(Steps x, TiedSpec spec, EmbeddingSpec embedding)
    {
        string table = graph.Transpose(weights.Whole($"{embedding.Name}.weight"), 1, 0);
        return x.With(graph.Add(graph.MatMul(x.Value, table), weights.Whole($"{spec.Name}.bias")), embedding.Vocabulary);
    }

    //  y⟨t⟩ = max(0, W [x⟨t−c⟩; …; x⟨t−c+n−1⟩] + b), c = ⌊n ÷ 2⌋, zeros outside the sequence: the input beside itself, each time a step later
    private Steps Convolution(Steps x, ConvolutionSpec spec)
    {
        int before = spec.Width / 2, after = spec.Width - 1 - before;
        List<string> parts = [x.Masked(graph)];
        if (before > 0) parts.Insert(0, PoolingWriter.Zeros(graph, graph.Longs(before), x));
        if (after > 0) parts.Add(PoolingWriter.Zeros(graph, graph.Longs(after), x));
        string wide = parts.Count == 1 ? parts[0] : graph.Concat(0, parts);
        string[] seen = [.. Enumerable.Range(0, spec.Width).Select(k =>
            graph.Slice(wide, 0, k, k == spec.Width - 1 ? int.MaxValue : k + 1 - spec.Width))];
        string all = seen.Length == 1 ? seen[0] : graph.Concat(2, seen);
        return x.With(graph.Node("Relu", [weights.Dense(spec.Name, all)]), spec.Filters);
    }

    //  y⟨u⟩ = max x⟨t⟩ over n u ≤ t < min(n (u + 1), T)
    private Steps StepPool(Steps x, int n)
    {
        if (n == 1) return x;
        string Groups(string count, string one, string size) => graph.Div(graph.Add(count, graph.Sub(size, one)), size);
        string count = graph.Dimension(x.Value, 0), groups = Groups(count, graph.Longs(1), graph.Longs(n));
        string missing = graph.Sub(graph.Mul(groups, graph.Longs(n)), count);
        string all = graph.Concat(0, x.Masked(graph, float.MinValue), PoolingWriter.Zeros(graph, missing, x, float.MinValue));
        string shape = graph.Concat(0, groups, graph.Longs(n), graph.Dimension(x.Value, 1), graph.Longs(x.Features));
        string value = graph.Reduce("ReduceMax", graph.Node("Reshape", [all, shape]), 1);
        string lengths = Groups(x.Lengths!, graph.Int(1), graph.Int(n));
        return x with { Value = value, Lengths = lengths, Mask = Steps.MaskOf(graph, value, lengths) };
    }

    //  y = (a, c E), a the first features and c the rest
    private Steps Tail(Steps x, TailProjectionSpec spec)
    {
        string[] parts = graph.Split(x.Value, 2, spec.Kept, x.Features - spec.Kept);
        return x.With(graph.Concat(2, parts[0], graph.MatMul(parts[1], weights.Whole($"{spec.Name}.weight"))), spec.Kept + spec.Size);
    }

    //  v = [x⟨0⟩; x⟨1⟩; …; 0], with pairs [v; x⟨0⟩ ⊗ x⟨1⟩; x⟨1⟩ ⊗ x⟨2⟩; …; 0]      y = z + W v
    private Steps Wide(Steps z, WideSpec spec, Steps input)
    {
        int n = input.Features;
        string places = _pooling.Places(input, spec.Steps);
        if (spec.Pairs && spec.Steps > 1)
        {
            string all = _pooling.Filled(input, spec.Steps);
            string ahead = graph.Slice(all, 0, 0, spec.Steps - 1), after = graph.Slice(all, 0, 1, spec.Steps);
            string pairs = graph.Mul(graph.Unsqueeze(ahead, 3), graph.Unsqueeze(after, 2));
            places = graph.Concat(1, places, graph.Reshape(graph.Transpose(pairs, 1, 0, 2, 3), 0, (spec.Steps - 1L) * n * n));
        }
        return z.With(graph.Add(z.Value, graph.MatMul(places, weights.Turned($"{spec.Name}.weight"))), z.Features);
    }

    //  y⟨t⟩ = [E[word⟨t⟩]; →h of its last character; ←h of its first]: the characters of all words are sequences of their own
    private Steps Words(Steps x, CharacterSpec spec)
    {
        int longest = spec.Longest;
        string[] parts = graph.Split(x.Value, 2, 1, longest);
        string word = graph.Node("Gather", [weights.Whole($"{spec.Name}.weight"), graph.Squeeze(parts[0], 2)], Attributes.Of("axis", 0));
        string letters = graph.Transpose(graph.Reshape(parts[1], -1, longest), 1, 0);
        string numbers = graph.Unsqueeze(graph.Node("Range", [graph.Int(0), graph.Int(longest), graph.Int(1)]), 1);
        string ends = graph.Where(graph.Node("Equal", [letters, graph.Long(0)]), numbers, graph.Int(longest));
        string lengths = graph.Cast(graph.Reduce("ReduceMin", ends, 0), TensorProto.Types.DataType.Int32);
        string vectors = graph.Node("Gather", [weights.Whole($"{spec.Name}.characters.weight"), letters], Attributes.Of("axis", 0));
        Steps spelled = new(vectors, spec.CharacterSize, lengths, Steps.MaskOf(graph, vectors, lengths));
        GraphStates hidden = new(graph, weights.Prefix, shown: false);
        spelled = new RecurrentWriter(graph, weights, hidden).Write(spelled, spec.Spelling, first: null);
        spelled = _pooling.Write(spelled, new LastStatesSpec { Name = spec.Name });
        string shape = graph.Concat(0, graph.Dimension(x.Value, 0), graph.Dimension(x.Value, 1), graph.Longs(spelled.Features));
        return x.With(graph.Concat(2, word, graph.Node("Reshape", [graph.Squeeze(spelled.Value, 0), shape])), spec.Size + spelled.Features);
    }
}
