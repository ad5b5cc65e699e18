using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Reductions: over the steps they pool, over the directions they merge, over the features they begin layer normalization.</summary>
internal static class PoolRules
{
    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All =>
    [
        ("ReduceMean", call => Reduce(call, PoolKind.Mean, Merge.Average)), ("ReduceMax", call => Reduce(call, PoolKind.Max, null)),
        ("ReduceSum", call => Reduce(call, null, Merge.Sum)),
    ];

    private static void Reduce(LiftCall call, PoolKind? pool, Merge? merge)
    {
        bool keep = call.Attribute("keepdims", 1L) == 1;
        if (call.Value(0) is NormingValue { Stage: NormStage.Squared } squared && pool == PoolKind.Mean && keep && OverFeatures(call, squared.X))
        {
            call.Set(squared with { Stage = NormStage.Variance });
            return;
        }
        if (call.Rows(0) is not { } rows || call.Axes(1) is not [var given] || rows.Axes.Place(given) is not { } axis)
        {
            call.Refuse("reduces several axes, or a value that is not understood");
            return;
        }
        AxisList axes = keep ? rows.Axes.With(axis) : rows.Axes.Without([axis]);
        Atom? atom = rows.Axes[axis] is [var one] ? one : null;
        if (atom is not null && atom == call.Context.Steps && pool is { } kind && rows.Of.Recurs && !rows.Of.Pooled) Pool(call, rows, axes, kind);
        else if (merge is { } how && rows is { Direction: null, Of: RecurrentRows { Directions: 2, Merge: Merge.Concatenate } layer }
            && atom == layer.Features[0]
            && rows.Steps != StepPick.Ends)
            call.Set(JoinRules.Merged(rows with { Axes = axes }, how));
        else if (pool == PoolKind.Mean && keep && OverFeatures(call, rows)) call.Set(new NormingValue(rows, NormStage.Mean));
        else call.Refuse($"reduces axis {axis} of {rows.Axes}, which no layer of a network here does");
    }

    private static void Pool(LiftCall call, RowsValue rows, AxisList axes, PoolKind kind)
    {
        if (RowRules.HasLengths(rows.Of)) call.Refuse("reduces all steps of the batch, those past the end of shorter sequences among them");
        else if (RowRules.Finished(call, rows) is { } layer) call.Set(new RowsValue(call.Context.Pool(layer, kind, call.Node.Title), axes));
    }

    private static bool OverFeatures(LiftCall call, RowsValue rows) =>
        call.Axes(1) is [var axis] && rows.Axes.Place(axis) == rows.Axes.Rank - 1
        && rows.Axes.Real(rows.Axes.Rank - 1).SequenceEqual(rows.Of.Features.Where(atom => !atom.IsOne));
}
