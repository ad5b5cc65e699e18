using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

//  LSTM  W [D, 4H, I], R [D, 4H, H]: gates i, o, f, g      B [D, 8H]: Wb, then Rb      P [D, 3H]: i, o, f
//  GRU   W [D, 3H, I], R [D, 3H, H]: gates z, r, n         B [D, 6H]
//  RNN   W [D, H, I],  R [D, H, H]                         B [D, 2H]
//  X [steps, batch, I]      Y [steps, D, batch, H]      Y_h, Y_c [D, batch, H]         https://github.com/onnx/onnx/blob/main/docs/Operators.md

/// <summary>
/// A recurrent layer as the operator LSTM, GRU or RNN: the very bits of its weights, their rows in ONNX's order of gates and both biases apart.
/// </summary>
internal sealed class RecurrentNode(GraphWriter graph, GraphWeights weights)
{
    /// <summary>Whether ONNX has an operator for a cell: none has a projection, a clipped cell state or normalized gates.</summary>
    public static bool Fits(CellOptions cell) =>
        cell.Definition is null && Type(cell.Kind) is not null && cell.Projection is null && cell.CellClip is null;

    /// <summary>The order of the operator's gates in our letters; null: the cell has no operator.</summary>
    public static string? Gates(string kind) => kind switch { "lstm" => "iofg", "gru" or "gru-after" => "zrn", "rnn" => "a", _ => null };

    /// <summary>For each gate of the operator the number of ours, −1 where ours is computed from another.</summary>
    public static int[] Order(CellOptions cell)
    {
        string ours = CellCatalog.BuiltIn.Make(cell).Gates;
        return [.. Gates(cell.Kind)!.Select(gate => ours.IndexOf(gate))];
    }

    /// <summary>Writes the layer.</summary>
    /// <returns>[steps, batch, features], both directions merged.</returns>
    public string Write(Steps x, RecurrentSpec spec, RecurrentPlace[] places)
    {
        CellOptions cell = spec.Cell;
        bool lstm = cell.Kind == "lstm";
        string stem = $"{weights.Prefix}{spec.Name}.l{places[0].Suffix[2..].Replace("_reverse", "", StringComparison.Ordinal)}";
        int hidden = spec.Hidden, gates = Gates(cell.Kind)!.Length;
        List<string> inputs =
        [
            x.Value,
            Stacked($"{stem}.W", places, cell, "weight_ih", [gates * hidden, x.Features]),
            Stacked($"{stem}.R", places, cell, "weight_hh", [gates * hidden, hidden]),
            Biases($"{stem}.B", places, cell, gates * hidden),
            x.Lengths is null ? "" : graph.Node("Max", [x.Lengths, graph.Int(1)]),   // some runtimes refuse a sequence without steps
            Joined(places, place => place.H),
        ];
        if (lstm) inputs.Add(Joined(places, place => place.C!));
        if (cell.Peepholes) inputs.Add(Peepholes($"{stem}.P", places, hidden));
        string[] made = graph.Nodes(Type(cell.Kind)!, inputs, lstm ? 3 : 2, [.. AttributesOf(spec, places)]);
        for (int d = 0; d < places.Length; d++)
        {
            places[d].H = Ended(x, made[1], d, places[d].H);
            if (lstm) places[d].C = Ended(x, made[2], d, places[d].C!);
        }
        return Merged(made[0], spec, places.Length);
    }

    private static string? Type(string kind) => kind switch { "lstm" => "LSTM", "gru" or "gru-after" => "GRU", "rnn" => "RNN", _ => null };

    private static IEnumerable<AttributeProto> AttributesOf(RecurrentSpec spec, RecurrentPlace[] places)
    {
        yield return Attributes.Of("hidden_size", spec.Hidden);
        yield return Attributes.Of("direction", places.Length == 2 ? "bidirectional" : places[0].Reverse ? "reverse" : "forward");
        if (spec.Cell.GateClip is { } clip) yield return Attributes.Of("clip", clip);
        if (spec.Cell.Coupled) yield return Attributes.Of("input_forget", 1);
        if (spec.Cell.Kind is "gru" or "gru-after") yield return Attributes.Of("linear_before_reset", spec.Cell.Kind == "gru-after" ? 1 : 0);
        if (spec.Cell.Kind == "rnn")
            yield return Attributes.Of("activations", places.Select(_ => spec.Cell.Activation == "relu" ? "Relu" : "Tanh"));
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

    private string Stacked(string name, RecurrentPlace[] places, CellOptions cell, string stem, int[] shape) =>
        graph.Floats(name, [places.Length, .. shape], Joined(places.Select(place => Rows(weights.Of(place.Parameter(stem)), cell))));

    private string Biases(string name, RecurrentPlace[] places, CellOptions cell, int each) =>
        graph.Floats(name, [places.Length, 2 * each], Joined(places.SelectMany(place =>
            new[] { Rows(weights.Of(place.Parameter("bias_ih")), cell), Rows(weights.Of(place.Parameter("bias_hh")), cell) })));

    // Ours are rows i, f, o.
    private string Peepholes(string name, RecurrentPlace[] places, int hidden) =>
        graph.Floats(name, [places.Length, 3 * hidden], Joined(places.SelectMany(place =>
        {
            float[] own = weights.Of(place.Parameter("peephole")).Values.ToArray();
            return new[] { own[..hidden], own[(2 * hidden)..], own[hidden..(2 * hidden)] };
        })));

    private static float[] Joined(IEnumerable<float[]> parts)
    {
        float[][] all = [.. parts];
        float[] joined = new float[all.Sum(part => part.Length)];
        int at = 0;
        foreach (float[] part in all)
        {
            part.CopyTo(joined, at);
            at += part.Length;
        }
        return joined;
    }

    // Of a gate that ours has not (a coupled forget gate) the operator does not look at the rows: they are 0.
    private static float[] Rows(Parameter parameter, CellOptions cell)
    {
        int[] order = Order(cell);
        int block = parameter.Length / CellCatalog.BuiltIn.Make(cell).Gates.Length;
        float[] rows = new float[order.Length * block];
        for (int gate = 0; gate < order.Length; gate++)
            if (order[gate] >= 0) parameter.Values.Slice(order[gate] * block, block).CopyTo(rows.AsSpan(gate * block));
        return rows;
    }
}
