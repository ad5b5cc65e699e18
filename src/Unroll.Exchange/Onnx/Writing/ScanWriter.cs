using Unroll.Cells;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// A recurrent layer that ONNX has no operator for, as a Scan over time. What the input brings is computed for all steps outside; past a sequence's
/// end the state stays as it is, so that in reverse a sequence begins at its own last step.
/// </summary>
internal sealed class ScanWriter(GraphWriter graph, GraphWeights weights)
{
    private const TensorProto.Types.DataType Floats = TensorProto.Types.DataType.Float;

    /// <summary>Writes the layer.</summary>
    /// <param name="x">The input.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="place">The layer; its states are replaced by the last ones.</param>
    /// <returns>[steps, batch, state size].</returns>
    public string Write(Steps x, CellOptions cell, RecurrentPlace place)
    {
        ScanCell own = ScanCell.Of(cell, place, weights);
        string arguments = own.Arguments(graph, x.Value);
        own.Prepare(graph);
        if (x.Mask is null) return Once(arguments, own, place);
        string[] first = place.HasCellState ? [place.H, place.C!] : [place.H];
        GraphProto body = Body(own, place, first.Length);
        string[] made = graph.Nodes("Scan", [.. first, arguments, x.Mask], first.Length + 1,
            Attributes.Of("body", body), Attributes.Of("num_scan_inputs", 2),
            Attributes.Of("scan_input_directions", place.Reverse ? [1, 1] : new long[] { 0, 0 }),
            Attributes.Of("scan_output_directions", [place.Reverse ? 1L : 0L]));
        place.H = made[0];
        if (place.HasCellState) place.C = made[1];
        return made[^1];
    }

    private string Once(string arguments, ScanCell own, RecurrentPlace place)
    {
        (place.H, place.C) = own.Next(graph, graph.Squeeze(arguments, 0), place.H, place.C);
        return graph.Unsqueeze(place.H, 0);
    }

    private GraphProto Body(ScanCell own, RecurrentPlace place, int states)
    {
        GraphWriter body = graph.Body($"{place.Name}.step");
        string stem = $"{graph.Scope}/{place.Name}";
        string h = body.Input($"{stem}/h", Floats, "batch", place.StateSize);
        string? c = states == 2 ? body.Input($"{stem}/c", Floats, "batch", place.CellSize) : null;
        string arguments = body.Input($"{stem}/arguments", Floats, "batch", own.Width);
        string mask = body.Input($"{stem}/mask", TensorProto.Types.DataType.Bool, "batch", 1);
        (string nextH, string? nextC) = own.Next(body, arguments, h, c);
        string kept = body.Where(mask, nextH, h);
        body.Output($"{stem}/h_next", kept, Floats, "batch", place.StateSize);
        if (c is not null) body.Output($"{stem}/c_next", body.Where(mask, nextC!, c), Floats, "batch", place.CellSize);
        body.Output($"{stem}/y", kept, Floats, "batch", place.StateSize);
        return body.Graph;
    }
}
