using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// Layers that make one row of each sequence. A row of a sequence without steps is 0, and what lies above sees no step of it.
/// </summary>
internal sealed class PoolingWriter(GraphWriter graph, GraphWeights weights)
{
    /// <summary>Writes the layer; in a graph of one step every step is the last so far.</summary>
    public Steps Write(Steps x, PoolingSpec spec)
    {
        if (x.Mask is null) return x;
        (string row, int features) = spec switch
        {
            LastStepSpec => (Row(x, Last(x)), x.Features),
            LastStatesSpec states => (LastStates(x, states.Merge), states.Merge == Merge.Concatenate ? x.Features : x.Features / 2),
            CenterStepSpec => (Row(x, graph.Node("Div", [x.Lengths!, graph.Int(2)])), x.Features),
            MeanPoolSpec => (Mean(x), x.Features),
            MaxPoolSpec => (graph.Reduce("ReduceMax", x.Masked(graph, float.MinValue), 0), x.Features),
            AttentionPoolSpec attention => (Attended(x, attention.Name), x.Features),
            FlattenSpec flatten => (Places(x, flatten.Steps), flatten.Steps * x.Features),
            _ => throw LayerWriter.Unknown(spec),
        };
        string some = graph.Node("Greater", [x.Lengths!, graph.Int(0)]), mask = graph.Unsqueeze(some, 0, 2);
        string value = graph.Where(mask, graph.Unsqueeze(row, 0), graph.Float(0));
        return new Steps(value, features, graph.Node("Min", [x.Lengths!, graph.Int(1)]), mask, Pooled: true);
    }

    //  v = [x⟨0⟩; x⟨1⟩; …; 0]
    /// <summary>All steps side by side, [batch, steps · features]; a longer sequence has no shape, so that the runtime refuses it.</summary>
    public string Places(Steps x, int steps) =>
        graph.Reshape(graph.Transpose(Filled(x, steps), 1, 0, 2), 0, (long)steps * x.Features);

    /// <summary>Exactly so many steps, 0 past the end: [steps, batch, features].</summary>
    public string Filled(Steps x, int steps)
    {
        string missing = graph.Sub(graph.Longs(steps), graph.Dimension(x.Value, 0));
        return graph.Concat(0, x.Masked(graph), Zeros(graph, missing, x));
    }

    /// <summary>Rows of one number: [rows, batch, features].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="rows">How many: a vector of length 1.</param>
    /// <param name="like">Has the batch and the features.</param>
    /// <param name="value">The number.</param>
    public static string Zeros(GraphWriter g, string rows, Steps like, float value = 0) =>
        g.Node("Expand", [g.Float(value), g.Concat(0, rows, g.Dimension(like.Value, 1), g.Longs(like.Features))]);

    private string Last(Steps x) => graph.Sub(x.Lengths!, graph.Int(1));

    // Of each sequence one step: the sum of it and zeros, exactly.
    private string Row(Steps x, string place) =>
        graph.ReduceSum(graph.Where(x.At(graph, graph.Unsqueeze(place, 0)), x.Value, graph.Float(0)), 0);

    //  [→h of the last step; ←h of step 0], or the two merged in another way
    private string LastStates(Steps x, Merge merge)
    {
        string[] halves = graph.Split(x.Value, 2, x.Features / 2, x.Features / 2);
        string ahead = Row(x.With(halves[0], x.Features / 2), Last(x));
        string first = graph.Sub(x.Lengths!, x.Lengths!);                // 0 of every sequence
        return graph.Merged(merge, 1, ahead, Row(x.With(halves[1], x.Features / 2), first));
    }

    private string Mean(Steps x)
    {
        string count = graph.Cast(graph.Node("Max", [x.Lengths!, graph.Int(1)]), Wire.TensorProto.Types.DataType.Float);
        return graph.Div(graph.ReduceSum(x.Masked(graph), 0), graph.Unsqueeze(count, 1));
    }

    //  uₜ = tanh(W xₜ + b)      α = softmax(q · uₜ) over the steps      y = Σₜ αₜ xₜ
    private string Attended(Steps x, string name)
    {
        string u = graph.Tanh(weights.Dense(name, x.Value));
        string scores = graph.MatMul(u, graph.Unsqueeze(weights.Whole($"{name}.query"), 1));
        string shares = graph.Softmax(graph.Where(x.Mask!, scores, graph.Float(float.MinValue)), 0);
        return graph.ReduceSum(graph.Mul(shares, x.Masked(graph)), 0);
    }
}
