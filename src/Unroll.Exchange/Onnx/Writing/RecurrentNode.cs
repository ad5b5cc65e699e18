using Unroll.Cells;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

//  X [steps, batch, I]      Y [steps, D, batch, H]      Y_h, Y_c [D, batch, H]         https://github.com/onnx/onnx/blob/main/docs/Operators.md

/// <summary>
/// A recurrent layer as the operator LSTM, GRU or RNN: the very bits of its weights, their rows in ONNX's order of gates and both biases apart.
/// </summary>
internal sealed class RecurrentNode(GraphWriter graph, GraphWeights weights, OperatorWeights own)
{
    /// <summary>Writes the layer.</summary>
    /// <returns>[steps, batch, features], both directions merged.</returns>
    public string Write(Steps x, RecurrentSpec spec, RecurrentPlace[] places)
    {
        bool lstm = own.Type == "LSTM";
        string stem = $"{weights.Prefix}{spec.Name}.l{places[0].Suffix[2..].Replace("_reverse", "", StringComparison.Ordinal)}";
        int hidden = spec.Hidden, rows = own.Gates.Length * hidden;
        List<string> inputs =
        [
            x.Value,
            Blocks(stem, 'W', places, hidden * x.Features, [rows, x.Features]),
            Blocks(stem, 'R', places, hidden * hidden, [rows, hidden]),
            Blocks(stem, 'B', places, hidden, [2 * rows]),
            x.Lengths is null ? "" : graph.Node("Max", [x.Lengths, graph.Int(1)]),   // some runtimes refuse a sequence without steps
            Joined(places, place => place.H),
        ];
        if (lstm) inputs.Add(Joined(places, place => place.C!));
        if (own.Cell.Peepholes) inputs.Add(Blocks(stem, 'P', places, hidden, [3 * hidden]));
        string[] made = graph.Nodes(own.Type, inputs, lstm ? 3 : 2, [.. AttributesOf(spec, places)]);
        for (int d = 0; d < places.Length; d++)
        {
            places[d].H = Ended(x, made[1], d, places[d].H);
            if (lstm) places[d].C = Ended(x, made[2], d, places[d].C!);
        }
        return Merged(made[0], spec, places.Length);
    }

    private IEnumerable<AttributeProto> AttributesOf(RecurrentSpec spec, RecurrentPlace[] places)
    {
        CellOptions cell = own.Cell;
        yield return Attributes.Of("hidden_size", spec.Hidden);
        yield return Attributes.Of("direction", places.Length == 2 ? "bidirectional" : places[0].Reverse ? "reverse" : "forward");
        if (cell.GateClip is { } clip) yield return Attributes.Of("clip", clip);
        if (cell.Coupled) yield return Attributes.Of("input_forget", 1);
        if (own.Type == "GRU") yield return Attributes.Of("linear_before_reset", cell.Kind == "gru-after" ? 1 : 0);
        if (own.Type == "RNN") yield return Attributes.Of("activations", places.Select(_ => cell.Activation == "relu" ? "Relu" : "Tanh"));
    }

    // A sequence without steps was read as one of one step: its state is the first one.
    private string Ended(Steps x, string last, int direction, string first)
    {
        string own = graph.Node("Gather", [last, graph.Long(direction)], Attributes.Of("axis", 0));
        return x.Lengths is null ? own : graph.Where(graph.Unsqueeze(graph.Node("Greater", [x.Lengths, graph.Int(0)]), 1), own, first);
    }

    private string Merged(string y, RecurrentSpec spec, int directions) => directions == 1 ? graph.Squeeze(y, 1) : spec.Merge switch
    {
        Merge.Concatenate => graph.Reshape(graph.Transpose(y, 0, 2, 1, 3), 0, 0, 2L * spec.Hidden),
        Merge.Sum => graph.ReduceSum(y, 1),
        Merge.Multiply => graph.Reduce("ReduceProd", y, 1),
        _ => graph.Reduce("ReduceMean", y, 1),
    };

    private string Joined(RecurrentPlace[] places, Func<RecurrentPlace, string> state)
    {
        string[] each = [.. places.Select(place => graph.Unsqueeze(state(place), 0))];
        return each.Length == 1 ? each[0] : graph.Concat(0, each);
    }

    // [directions, shape]. What the operator does not look at (the rows of a coupled forget gate), and a bias that the cell has not, is 0.
    private string Blocks(string stem, char tensor, RecurrentPlace[] places, int each, int[] shape)
    {
        int blocks = own.Blocks(tensor);
        float[] all = new float[places.Length * blocks * each];
        for (int d = 0; d < places.Length; d++)
            for (int k = 0; k < blocks; k++)
                if (own.Place(tensor, k) is { } place)
                    weights.Of(places[d].Parameter(place.Stem)).Values.Slice(place.Block * each, each).CopyTo(all.AsSpan((d * blocks + k) * each));
        return graph.Floats($"{stem}.{tensor}", [places.Length, .. shape], all);
    }
}
