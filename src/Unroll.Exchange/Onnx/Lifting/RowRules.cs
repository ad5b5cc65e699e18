using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Values as rows of features, and what takes some of their steps.</summary>
internal static class RowRules
{
    /// <summary>Rows of a layer; null: the value is none.</summary>
    public static RowsValue? Of(LiftCall call, LiftValue? value) => value switch
    {
        RowsValue rows => rows,
        StatesValue { IsCell: false } states => StateRules.Rows(states),
        InputValue { Port.Type: OnnxType.Float, IsCut: false, IsWhole: true, Axes.Rank: > 0 } input
            when call.Context.Input(input, input.Axes[input.Axes.Rank - 1], call.Node.Title) is { } own => new RowsValue(own, input.Axes),
        _ => null,
    };

    /// <summary>
    /// The layer whose rows are wholly there: where some steps were taken, a pooling that takes them. Null: none does that, and the call is refused.
    /// </summary>
    public static Rows? Finished(LiftCall call, RowsValue rows)
    {
        string? why = Unfinished(rows);
        if (rows.Meaning != OutputMeaning.Plain) call.RefuseBecause($"{rows.MeaningOf} is no layer of a network here, except at its end");
        else if (why is not null) call.Refuse(why);
        return why is not null || rows.Meaning != OutputMeaning.Plain ? null : rows.Steps switch
        {
            StepPick.All => rows.Of,
            StepPick.Ends => call.Context.Pool(rows.Of, PoolKind.Ends, call.Node.Title),
            _ => call.Context.Pool(rows.Of, PoolKind.Last, call.Node.Title),
        };
    }

    private static string? Unfinished(RowsValue rows) =>
        rows.Direction is not null ? "takes one of two directions, and no pooling of a network here does"
        : rows.Steps == StepPick.First ? "takes the first step, and no pooling of a network here does"
        : rows.Steps == StepPick.LastOfBatch ? "takes the last step of the batch, which lies past the end of shorter sequences"
        : null;

    /// <summary>The layer whose rows are wholly there, with its features on the last axis; null: refused.</summary>
    public static Rows? OnLastAxis(LiftCall call, RowsValue rows)
    {
        if (Finished(call, rows) is not { } layer) return null;
        if (rows.Axes.Rank > 0 && rows.Axes.Real(rows.Axes.Rank - 1).SequenceEqual(layer.Features.Where(atom => !atom.IsOne))) return layer;
        call.Refuse($"works on the last axis of {rows.Axes}, which is not the features of {layer.Title}");
        return null;
    }

    /// <summary>Whether lengths of sequences reached one of the layers.</summary>
    public static bool HasLengths(Rows rows) => rows.All.Any(layer => layer is RecurrentRows { HasLengths: true });

    /// <summary>One step of rows; null where it is none of those that are understood.</summary>
    /// <param name="call">The node.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="axis">The axis of the steps.</param>
    /// <param name="place">Which step.</param>
    /// <param name="keep">Whether the axis stays, with size 1.</param>
    public static RowsValue? Step(LiftCall call, RowsValue rows, int axis, Extent place, bool keep)
    {
        Extent size = rows.Axes.Size(axis);
        bool last = place.Is(-1) || (size.Plus(Extent.One, -1)?.Equals(place) ?? false);
        if (!call.Context.IsSettled || !rows.Of.Recurs || rows.Steps != StepPick.All || rows.Of.Pooled || !(last || place.Is(0))) return null;
        StepPick pick = !last ? StepPick.First : HasLengths(rows.Of) ? StepPick.LastOfBatch : StepPick.Last;
        return rows with { Axes = keep ? rows.Axes.With(axis) : rows.Axes.Without([axis]), Steps = pick };
    }

    /// <summary>One of two directions; null where the axis does not count them.</summary>
    public static RowsValue? OneDirection(RowsValue rows, int axis, int direction, bool keep) =>
        rows.Of is RecurrentRows { Directions: 2 } layer && layer.Features is [var both, _] && rows.Direction is null && rows.Axes[axis] is [var own]
            && own == both
            ? rows with { Axes = keep ? rows.Axes.With(axis) : rows.Axes.Without([axis]), Direction = direction } : null;

    /// <summary>The half of the features that is one direction's; null where that is not what was taken.</summary>
    public static RowsValue? Half(RowsValue rows, int axis, long from, long to)
    {
        if (rows.Of is not RecurrentRows { Directions: 2 } layer || layer.Features is not [_, var units] || rows.Direction is not null
            || !rows.Axes[axis].SequenceEqual(layer.Features)) return null;
        int? direction = from == 0 && to == layer.Hidden ? 0 : from == layer.Hidden && to >= 2L * layer.Hidden ? 1 : null;
        return direction is { } one ? rows with { Axes = rows.Axes.With(axis, units), Direction = one } : null;
    }
}
