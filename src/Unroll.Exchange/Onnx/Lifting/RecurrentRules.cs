using System.Collections.Immutable;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Lifting;

//  X [T, B, I] → Y [T, D, B, H], Y_h and Y_c [D, B, H]       layout 1: X [B, T, I] → Y [B, T, D, H], Y_h and Y_c [B, D, H]

/// <summary>Recurrent layers.</summary>
/// <param name="file">The name of the file in errors.</param>
internal sealed class RecurrentRules(string file)
{
    /// <summary>The rules.</summary>
    public IEnumerable<(string Operator, LiftRule Rule)> All => [("RNN", Read), ("GRU", Read), ("LSTM", Read)];

    private void Read(LiftCall call)
    {
        RecurrentConvention? convention;
        try
        {
            convention = ConventionReader.Read(call.Node, file);
        }
        catch (UserErrorException e)
        {
            call.Refuse($"is refused: {e.Message}");
            return;
        }
        if (call.Rows(0) is not { } rows || rows.Axes.Rank != 3) call.Refuse("reads a value that is not understood as rows");
        else if (call.Known(1) is not { Type: OnnxType.Float, Rank: 3 } w || call.Known(2) is not { Type: OnnxType.Float, Rank: 3 } r
            || !Weights(call, 3, out OnnxTensor? b) || !Weights(call, 7, out OnnxTensor? p)) call.Refuse("has weights that are computed");
        else if (CellOf(convention!, p is not null) is not { } cell)
            call.Refuse($"computes what no cell here does: {convention!.Describe(p is not null)}");
        else if (RowRules.OnLastAxis(call, rows) is { } below)
            if (below.Pooled) call.Refuse("reads one row a sequence, not steps");
            else if (call.Context.Settle(Counting(rows, convention!.Layout), Counting(rows, 1 - convention.Layout)) is { } why) call.Refuse(why);
            else Layer(call, convention, cell, rows, below, [w, r, b, p]);
    }

    private static IEnumerable<Atom> Counting(RowsValue rows, int axis) => rows.Axes[axis].Length > 1 ? rows.Axes.Real(axis) : rows.Axes[axis];

    private static bool Weights(LiftCall call, int index, out OnnxTensor? tensor)
    {
        tensor = call.Known(index);
        return call.Value(index) is null || tensor is { Type: OnnxType.Float };
    }

    private static CellOptions? CellOf(RecurrentConvention convention, bool peepholes)
    {
        CellOptions? first = EngineCell.For(convention, 0, peepholes);
        return convention.Directions == 1 || first == EngineCell.For(convention, 1, peepholes) ? first : null;
    }

    private static void Layer(LiftCall call, RecurrentConvention convention, CellOptions cell, RowsValue rows, Rows below, OnnxTensor?[] weights)
    {
        int hidden = weights[1]!.Shape[2], inputs = below.Width, directions = convention.Directions, gates = convention.Gates * hidden;
        bool fit = weights[0]!.Shape.SequenceEqual([directions, gates, inputs]) && weights[1]!.Shape.SequenceEqual([directions, gates, hidden])
            && (weights[2]?.Shape.SequenceEqual([directions, 2 * gates]) ?? true)
            && (weights[3]?.Shape.SequenceEqual([directions, 3 * hidden]) ?? true)
            && (convention.HiddenSize ?? hidden) == hidden;
        StateReader states = new(call, convention.Layout, directions, hidden);
        if (!fit) call.Refuse($"has weights that do not fit rows of {inputs}");
        else if (Lengths(call, rows, convention.Layout) is not { } hasLengths) call.Refuse("takes lengths that are computed, or of other sequences");
        else if (states.Read(5) is not { } h || states.Read(6) is not { } c) call.Refuse("begins at states that are computed");
        else
        {
            Atom units = new("units", Extent.Of(hidden));
            ImmutableArray<Atom> features = directions == 2 ? [new Atom("directions", Extent.Of(2)), units] : [units];
            Set(call, rows, convention.Layout, new RecurrentRows(below, features, call.Node.Title)
            {
                Hint = Hints.OfNode(call.Node.Name), Cell = cell, Hidden = hidden, Direction = convention.Direction, HasLengths = hasLengths,
                FirstH = h, FirstC = convention.Operator == RecurrentOperator.Lstm ? c : [],
                Tensors = [.. Enumerable.Range(0, directions).Select(d => LayerTensors.Of(convention, d, inputs, hidden, weights[0]!.Values<float>(),
                    weights[1]!.Values<float>(), Floats(weights[2]), Floats(weights[3])))],
            });
        }
    }

    private static ReadOnlySpan<float> Floats(OnnxTensor? tensor) => tensor is null ? [] : tensor.Values<float>();

    private static void Set(LiftCall call, RowsValue rows, int layout, RecurrentRows layer)
    {
        ImmutableArray<Atom> first = rows.Axes[0], second = rows.Axes[1], units = [layer.Features[^1]];
        ImmutableArray<Atom> directions = layer.Directions == 2 ? [layer.Features[0]] : [];
        call.Set(new RowsValue(layer, layout == 0 ? new AxisList(first, directions, second, units) : new AxisList(first, second, directions, units)));
        ImmutableArray<Atom> slots = layer.Directions == 2 ? [new Atom("states", Extent.Of(2))] : [];
        AxisList axes = layout == 0 ? new AxisList(slots, second, units) : new AxisList(first, slots, units);
        ImmutableArray<StateSlot> all = [.. Enumerable.Range(0, layer.Directions).Select(d => new StateSlot(layer, d))];
        call.Set(new StatesValue(false, all, slots, units[0], axes), 1);
        call.Set(new StatesValue(true, all, slots, units[0], axes), 2);
    }

    /// <summary>Whether lengths are given; null: they are not understood.</summary>
    private static bool? Lengths(LiftCall call, RowsValue rows, int layout)
    {
        Atom? sequences = Counting(rows, 1 - layout).FirstOrDefault();
        bool sorted = sequences is not null && sequences == call.Context.Sorted;
        return call.Value(4) switch
        {
            null => false,
            // Every sequence has all steps.
            RepeatedValue all when all.Size.Equals(rows.Axes.Size(layout)) => false,
            InputValue { Plus: 0, Fixed.IsEmpty: true, Port.Type: OnnxType.Int32 or OnnxType.Int64, Axes.Rank: 1 } lengths
                when lengths.IsSorted == sorted && lengths.Axes.Atoms.SequenceEqual(lengths.Declared.Atoms) && call.Context.Note(lengths) => true,
            _ => call.Sizes(4) is { } sizes && sizes.Items.All(size => size.Equals(rows.Axes.Size(layout))) ? false : null,
        };
    }
}
