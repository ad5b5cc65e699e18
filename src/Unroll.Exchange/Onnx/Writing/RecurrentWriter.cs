using Unroll.Cells;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>A stack of recurrent layers: each an operator of ONNX where there is one, otherwise a Scan.</summary>
internal sealed class RecurrentWriter(GraphWriter graph, GraphWeights weights, GraphStates states)
{
    /// <summary>Writes all layers of a description.</summary>
    /// <param name="x">The input.</param>
    /// <param name="spec">The layers.</param>
    /// <param name="first">Gives what each layer begins with, layer by layer; null: what its cell begins with.</param>
    public Steps Write(Steps x, RecurrentSpec spec, Func<State>? first)
    {
        for (int k = 0; k < spec.Layers; k++) x = Layer(x, spec, k, first?.Invoke());
        return x;
    }

    private Steps Layer(Steps x, RecurrentSpec spec, int k, State? first)
    {
        bool both = spec.Direction == Direction.Bidirectional;
        RecurrentPlace[] places = both
            ? [Place(spec, k, reverse: false, first?.Children[0]), Place(spec, k, reverse: true, first?.Children[1])]
            : [Place(spec, k, spec.Direction == Direction.Reverse, first)];
        foreach (RecurrentPlace place in places)
        {
            place.H = states.First(place.Name, "h", place.FirstH, x.Value);
            if (place.HasCellState) place.C = states.First(place.Name, "c", place.FirstC, x.Value);
        }
        string y = OperatorWeights.Of(spec.Cell) is { } own ? new RecurrentNode(graph, weights, own).Write(x, spec, places)
            : Scans(x, spec, places);
        foreach (RecurrentPlace place in places)
        {
            states.Last(place.Name, "h", place.H, place.StateSize);
            if (place.HasCellState) states.Last(place.Name, "c", place.C!, place.CellSize);
        }
        int width = places[0].StateSize;
        return x.With(y, both && spec.Merge == Merge.Concatenate ? 2 * width : width);
    }

    //  [→h, ←h]      or →h + ←h      or (→h + ←h) / 2      or →h ⊙ ←h
    private string Scans(Steps x, RecurrentSpec spec, RecurrentPlace[] places)
    {
        string[] y = [.. places.Select(place => new ScanWriter(graph, weights).Write(x, spec.Cell, place))];
        return y.Length == 1 ? y[0] : graph.Merged(spec.Merge, 2, y[0], y[1]);
    }

    private static RecurrentPlace Place(RecurrentSpec spec, int k, bool reverse, State? first)
    {
        IReadOnlyList<PlannedState> planned = StepPlan.Of(CellCatalog.BuiltIn.Make(spec.Cell), spec.Cell.Projection).States;
        int size = planned[0].Width?.Invoke(spec.Hidden) ?? spec.Hidden;
        return new RecurrentPlace
        {
            Layer = spec.Name, Suffix = $"_l{k}{(reverse ? "_reverse" : "")}", Reverse = reverse, Hidden = spec.Hidden, StateSize = size,
            CellSize = (planned.Count - 1) * spec.Hidden,
            FirstH = first?.H.ToArray() ?? [.. Enumerable.Repeat(planned[0].Initial, size)],
            FirstC = first?.C.ToArray() ?? [.. planned.Skip(1).SelectMany(state => Enumerable.Repeat(state.Initial, spec.Hidden))],
        };
    }
}

/// <summary>One recurrent layer in one direction.</summary>
internal sealed class RecurrentPlace
{
    /// <summary>The description's name: <c>encoder</c>.</summary>
    public required string Layer { get; init; }

    /// <summary>Behind its parameters' names: <c>_l0_reverse</c>.</summary>
    public required string Suffix { get; init; }

    /// <summary>Whether it goes from the last step to the first.</summary>
    public required bool Reverse { get; init; }

    /// <summary>Units of a gate.</summary>
    public required int Hidden { get; init; }

    /// <summary>Features of h.</summary>
    public required int StateSize { get; init; }

    /// <summary>Features of c, the further states side by side; 0: there is none.</summary>
    public required int CellSize { get; init; }

    /// <summary>Whether there is c.</summary>
    public bool HasCellState => CellSize > 0;

    /// <summary>What h begins with.</summary>
    public required float[] FirstH { get; init; }

    /// <summary>What c begins with.</summary>
    public required float[] FirstC { get; init; }

    /// <summary>[batch, state size]: before the layer its first state, afterwards its last.</summary>
    public string H { get; set; } = "";

    /// <summary>The same of c.</summary>
    public string? C { get; set; }

    /// <summary><c>encoder.l0_reverse</c></summary>
    public string Name => $"{Layer}.{Suffix[1..]}";

    /// <summary>The whole name of a parameter.</summary>
    public string Parameter(string stem) => $"{Layer}.{stem}{Suffix}";
}
