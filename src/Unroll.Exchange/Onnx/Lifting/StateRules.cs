using System.Collections.Immutable;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>The states after the last step: stacked, taken apart, and as rows.</summary>
internal static class StateRules
{
    /// <summary>Some of the slots that an axis counts; null where it counts something else.</summary>
    /// <param name="states">The states.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="places">Which.</param>
    /// <param name="keep">Whether the axis stays where one is taken.</param>
    public static StatesValue? Take(StatesValue states, int axis, IReadOnlyList<int> places, bool keep)
    {
        if (states.Axes[axis] is not [var atom] || states.Counting.IndexOf(atom) is not (>= 0 and var which)) return null;
        int size = (int)atom.Size.Number!.Value,
            inner = states.Counting.Skip(which + 1).Aggregate(1, (all, one) => all * (int)one.Size.Number!.Value);
        ImmutableArray<StateSlot> slots = [.. Enumerable.Range(0, states.Slots.Length / (size * inner)).SelectMany(outer =>
            places.SelectMany(place => states.Slots.Skip((outer * size + place) * inner).Take(inner)))];
        if (places.Count == 1)
            return states with
            {
                Slots = slots, Counting = states.Counting.RemoveAt(which), Axes = keep ? states.Axes.With(axis) : states.Axes.Without([axis]),
            };
        Atom fewer = new("states", Extent.Of(places.Count));
        return states with { Slots = slots, Counting = states.Counting.SetItem(which, fewer), Axes = states.Axes.With(axis, fewer) };
    }

    /// <summary>[layers · directions, …] as it is asked for, [layers, directions, …]: the atom that counts both becomes two.</summary>
    public static StatesValue Split(StatesValue states, IReadOnlyList<Extent> sizes)
    {
        if (states.Counting is not [var all] || states.Axes.Rank == 0 || states.Axes[0] is not [var first] || first != all || sizes.Count < 2
            || sizes[0].Equals(all.Size)) return states;
        long whole = all.Size.Number!.Value, inner = sizes[1].Number is > 0 and var given ? given : 0;
        long outer = sizes[0].Number is > 0 and var asked ? asked : inner > 0 ? whole / inner : 0;
        if (inner == 0 && outer > 0) inner = whole / outer;
        if (outer < 1 || inner < 1 || outer * inner != whole) return states;
        Atom layers = new("layers", Extent.Of(outer)), directions = new("directions", Extent.Of(inner));
        return states with { Counting = [layers, directions], Axes = states.Axes.With(0, layers, directions) };
    }

    /// <summary>Several states stacked along an axis; null where they do not lie so.</summary>
    public static StatesValue? Stacked(IReadOnlyList<StatesValue> parts, int axis)
    {
        StatesValue first = parts[0];
        AxisList Others(StatesValue one) => one.Axes.With(axis);
        if (parts.Any(one => one.IsCell != first.IsCell || one.Axes.Rank != first.Axes.Rank || !one.Axes.Real(axis).SequenceEqual(one.Counting)
            || !SameRest(Others(one), Others(first)))) return null;
        ImmutableArray<StateSlot> slots = [.. parts.SelectMany(one => one.Slots)];
        Atom counting = new("states", Extent.Of(slots.Length));
        return first with { Slots = slots, Counting = [counting], Axes = first.Axes.With(axis, counting) };
    }

    // The units of layers of the same width are others' atoms.
    private static bool SameRest(AxisList a, AxisList b) => a.Rank == b.Rank
        && Enumerable.Range(0, a.Rank).All(axis => a.Real(axis).Select(atom => atom.Size).SequenceEqual(b.Real(axis).Select(atom => atom.Size)));

    /// <summary>States of h as rows: of one layer's one or two directions, the slots before the units; null where they are others.</summary>
    public static RowsValue? Rows(StatesValue states)
    {
        AxisList axes = states.Axes.Replaced(states.Units, states.Slots[0].Layer.Features[^1]);
        if (states.Slots is [var one])
        {
            RecurrentRows layer = one.Layer;
            bool reverse = layer.Direction == Layers.Recurrent.Direction.Reverse || one.Direction == 1;
            return new RowsValue(layer, axes)
            {
                Steps = reverse ? StepPick.First : StepPick.Last, Direction = layer.Directions == 2 ? one.Direction : null,
            };
        }
        if (states.Slots is not [{ Direction: 0 } a, { Direction: 1 } b] || a.Layer != b.Layer || states.Counting is not [var slots]) return null;
        // The slots are the layer's directions, whichever atom counts them.
        return new RowsValue(a.Layer, axes.Replaced(slots, a.Layer.Features[0])) { Steps = StepPick.Ends };
    }
}
