using System.Collections.Immutable;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Operators that put values together: sizes, states, the two directions of a recurrent layer.</summary>
internal static class JoinRules
{
    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All => [("Concat", Concat)];

    private static void Concat(LiftCall call)
    {
        LiftValue[] parts = [.. Enumerable.Range(0, call.Count).Select(i => call.Value(i)!)];
        long axis = call.Attribute("axis", 0L);
        SizesValue?[] sizes = [.. Enumerable.Range(0, call.Count).Select(call.Sizes)];
        if (parts is [var only]) call.Set(only);
        else if (sizes.All(size => size is { IsVector: true })) call.Set(new SizesValue([.. sizes.SelectMany(size => size!.Items)], IsVector: true));
        else if (parts.All(part => part is UniformValue own
            && own.Element.Bytes.SequenceEqual(((UniformValue)parts[0]).Element.Bytes))) call.Set(parts[0]);
        else if (parts.All(part => part is StatesValue) && ((StatesValue)parts[0]).Axes.Place(axis) is { } at
            && StateRules.Stacked([.. parts.Cast<StatesValue>()], at) is { } stacked) call.Set(stacked);
        else if (parts.Length == 2 && call.Rows(0) is { } a && call.Rows(1) is { } b && a.Axes.Place(axis) is { } place
            && Directions(call, a, b, place) is { } both)
            call.Set(both);
        else call.Refuse("puts values side by side, and they are not the two directions of one layer");
    }

    // [→h, ←h] along the features, or along an axis of size 1.
    private static RowsValue? Directions(LiftCall call, RowsValue a, RowsValue b, int axis)
    {
        Atom units = a.Of.Features[^1];
        if (Both(call, a, b) is not { Of: RecurrentRows layer } rows || !a.Axes.IsLike(b.Axes.Replaced(b.Of.Features[^1], units))) return null;
        return a.Axes[axis].Length == 0 ? rows with { Axes = a.Axes.With(axis, layer.Features[0]) }
            : a.Axes[axis] is [var own] && own == units ? rows with { Axes = a.Axes.With(axis, layer.Features) }
            : null;
    }

    /// <summary>The two directions of a layer together; null: they are not that.</summary>
    public static RowsValue? Both(LiftCall call, RowsValue a, RowsValue b)
    {
        if (a.Meaning != OutputMeaning.Plain || b.Meaning != OutputMeaning.Plain) return null;
        StepPick? steps = a.Steps == b.Steps && a.Steps != StepPick.First ? a.Steps : (a.Steps, b.Steps) is (StepPick.Last, StepPick.First)
            ? StepPick.Ends : null;
        if (steps is not { } pick) return null;
        RecurrentRows? layer = (a.Of, b.Of) switch
        {
            (RecurrentRows { Directions: 2 } own, RecurrentRows other) when own == other && a.Direction == 0 && b.Direction == 1 => own,
            (RecurrentRows { Direction: Direction.Forward } own, RecurrentRows { Direction: Direction.Reverse } other) => Joined(call, own, other),
            _ => null,
        };
        return layer is null ? null : new RowsValue(layer, a.Axes) { Steps = pick };
    }

    // Two layers over the same rows, one from each end, are one layer with two directions.
    private static RecurrentRows? Joined(LiftCall call, RecurrentRows forward, RecurrentRows reverse)
    {
        StateSlot already = call.Context.Now(new(forward, 0));
        if (already.Layer != forward) return call.Context.Now(new(reverse, 0)) == new StateSlot(already.Layer, 1) ? already.Layer : null;
        if (forward.Below != reverse.Below || forward.Cell != reverse.Cell || forward.Hidden != reverse.Hidden
            || forward.HasLengths != reverse.HasLengths
            || call.Context.Now(new(reverse, 0)).Layer != reverse) return null;
        RecurrentRows both = new(forward.Below!, [new Atom("directions", Extent.Of(2)), forward.Features[^1]], forward.Title)
        {
            Hint = forward.Hint, Cell = forward.Cell, Hidden = forward.Hidden, Direction = Direction.Bidirectional, HasLengths = forward.HasLengths,
            Tensors = [.. forward.Tensors, .. reverse.Tensors], FirstH = [.. forward.FirstH, .. reverse.FirstH],
                FirstC = [.. forward.FirstC, .. reverse.FirstC],
        };
        call.Context.Join(forward, both, 0);
        call.Context.Join(reverse, both, 1);
        return both;
    }

    /// <summary>The sum of two directions; null: they are not that.</summary>
    public static RowsValue? Sum(LiftCall call, RowsValue a, RowsValue b)
    {
        bool turned = a.Direction == 1 || a.Of is RecurrentRows { Direction: Direction.Reverse };
        (RowsValue first, RowsValue second) = turned ? (b, a) : (a, b);
        if (Both(call, first, second) is not { Steps: not StepPick.Ends, Of: RecurrentRows { Merge: Merge.Concatenate } layer } both
            || !first.Axes.IsLike(second.Axes.Replaced(second.Of.Features[^1], first.Of.Features[^1]))) return null;
        return Merged(both with { Axes = first.Axes.Replaced(first.Of.Features[^1], layer.Features[^1]) }, Merge.Sum);
    }

    /// <summary>Rows of a layer with two directions merged in another way; the axes have its units already.</summary>
    public static RowsValue Merged(RowsValue rows, Merge merge) => rows.Of is RecurrentRows layer
        ? rows with { Of = layer with { Merge = merge, Features = [layer.Features[^1]] }, Direction = null } : rows;
}
