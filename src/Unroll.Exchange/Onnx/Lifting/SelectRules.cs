using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Operators that take a part of a value by its place.</summary>
internal static class SelectRules
{
    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All =>
    [
        ("Gather", Gather), ("GatherElements", GatherElements), ("Slice", Slice), ("Split", Split), ("TopK", TopK), ("ScatterElements", Undo),
    ];

    private static void Gather(LiftCall call)
    {
        long axis = call.Attribute("axis", 0L);
        switch (call.Value(0), call.Value(1))
        {
            case (KnownValue { Tensor: { Rank: 2, Type: OnnxType.Float } table } known, InputValue index) when axis is 0 or -2:
                Embed(call, known, table, index);
                break;
            case (SizesValue sizes, _) when call.Wholes(1) is { } places && LiftCall.Places(places.Distinct(), sizes.Items.Length) is not null:
                call.Set(new SizesValue([.. places.Select(place => sizes.Items[(int)(place < 0 ? place + sizes.Items.Length : place)])],
                    call.Sizes(1)!.IsVector));
                break;
            case (UniformValue uniform, _): call.Set(uniform); break;
            case (AxisValue value, OrderValue) when value.Axes.Place(axis) is { } place: Reorder(call, value, place); break;
            case (AxisValue value, UndoValue) when value.Axes.Place(axis) is { } place: Restore(call, value, place); break;
            case (AxisValue value, _) when value.Axes.Place(axis) is { } place && call.Sizes(1) is { } places:
                Take(call, value, place, places);
                break;
            default: call.Refuse("takes places that are known only when the graph runs, or of a value that is not understood"); break;
        }
    }

    private static void Embed(LiftCall call, KnownValue known, OnnxTensor table, InputValue index)
    {
        if (!index.IsWhole || (index.Port.Type is not (OnnxType.Int64 or OnnxType.Int32) && !index.IsCut))
        {
            call.Refuse("takes rows of a table by indices that are computed");
            return;
        }
        if (call.Context.Input(index, [], call.Node.Title) is not { } below)
        {
            call.Refuse($"reads '{index.Port.Name}' as indices, which was read as numbers before");
            return;
        }
        ImmutableArray<Atom> features = [new Atom("embedding", Extent.Of(table.Shape[1]))];
        EmbeddingRows rows = new(below, table, features, call.Node.Title) { Hint = Hints.Of(known.Name) };
        call.Set(new RowsValue(rows, new AxisList([.. Enumerable.Range(0, index.Axes.Rank).Select(axis => index.Axes[axis]), features])));
    }

    private static void Take(LiftCall call, AxisValue value, int axis, SizesValue places)
    {
        if (places.Items is not [var place]) { call.Refuse("takes several places of an axis"); return; }
        if (One(call, value, axis, place, places.IsVector) is { } taken) call.Set(taken);
        else call.Refuse($"takes place {place} of axis {axis} of {value.Axes}, which no layer of a network here does");
    }

    /// <summary>One place of an axis; null where nothing here is that.</summary>
    private static AxisValue? One(LiftCall call, AxisValue value, int axis, Extent place, bool keep)
    {
        if (value is RowsValue rows && rows.Axes.Real(axis).ToArray() is var real && rows.Of.Recurs
            && (real.Length == 0 ? rows.Axes[axis].Any(atom => atom == call.Context.Steps) : real is [var step] && step == call.Context.Steps))
            return RowRules.Step(call, rows, axis, place, keep);
        if (value.Axes[axis].Length == 0 && (place.Is(0) || place.Is(-1))) return keep ? value : value with { Axes = value.Axes.Without([axis]) };
        if (value.Axes[axis] is not [var atom] || atom.Size.Number is not { } size || place.Number is not { } number
            || LiftCall.Places([number], (int)size) is not [var at]) return null;
        return value switch
        {
            RowsValue own => RowRules.OneDirection(own, axis, at, keep),
            StatesValue own => StateRules.Take(own, axis, [at], keep),
            InputValue own => own with
            {
                Axes = keep ? own.Axes.With(axis) : own.Axes.Without([axis]), Fixed = own.Fixed.SetItem(atom.Whole ?? atom, atom.First + at),
            },
            _ => null,
        };
    }

    private static void Slice(LiftCall call)
    {
        long[]? axes = call.Node.Attributes.ContainsKey("starts") ? call.Ints("axes") : call.Wholes(3);
        SizesValue? starts = call.Ints("starts") is { } s ? Plain(s) : call.Sizes(1), ends = call.Ints("ends") is { } e ? Plain(e) : call.Sizes(2);
        long[]? steps = call.Value(4) is null ? null : call.Wholes(4);
        if (starts is null || ends is null || (axes is null && call.Value(3) is not null) || (call.Value(4) is not null && steps is null)
            || (steps?.Any(step => step != 1) ?? false))
        {
            call.Refuse(steps is null ? "takes a range that is known only when the graph runs" : "takes every n-th place, or goes backwards");
            return;
        }
        LiftValue? value = call.Value(0);
        for (int i = 0; i < starts.Items.Length && value is not null; i++)
            value = Range(call, value, axes is null ? i : axes[i], starts.Items[i], ends.Items[i]);
        if (value is null) call.Refuse("takes a range that no layer of a network here takes");
        else call.Set(value);
    }

    private static SizesValue Plain(long[] numbers) => new([.. numbers.Select(Extent.Of)], IsVector: true);

    /// <summary>A range of an axis; null where nothing here is that.</summary>
    private static LiftValue? Range(LiftCall call, LiftValue value, long axis, Extent from, Extent to)
    {
        switch (value)
        {
            case UniformValue: return value;
            case SizesValue { IsVector: true } sizes when axis is 0 or -1 && Bounds(Extent.Of(sizes.Items.Length), from, to) is var (first, count):
                return sizes with { Items = [.. sizes.Items.Skip((int)first).Take((int)count)] };
            case SpreadValue { Tensor: var tensor } when axis == 0 && tensor.Rank > 0 && tensor.Shape[0] > 1
                && Bounds(Extent.Of(tensor.Shape[0]), from, to) is var (first, count):
                int each = tensor.Memory.Length / tensor.Shape[0];
                return LayoutRules.Spread(new OnnxTensor(tensor.Type, [(int)count, .. tensor.Shape[1..]],
                    tensor.Memory.Slice((int)first * each, (int)count * each)));
            case AxisValue own when own.Axes.Place(axis) is { } place: return Range(call, own, place, from, to);
            default: return null;
        }
    }

    private static AxisValue? Range(LiftCall call, AxisValue value, int axis, Extent from, Extent to)
    {
        Extent size = value.Axes.Size(axis);
        bool toEnd = to.Number is >= int.MaxValue || to.Equals(size);
        if (from.Is(0) && toEnd) return value;
        if (size.Number is { } known && Bounds(size, from, to) is var (first, count))
        {
            if (first == 0 && count == known) return value;
            if (count == 1 && One(call, value, axis, Extent.Of(first), keep: true) is { } one) return one;
            return value switch
            {
                RowsValue rows => RowRules.Half(rows, axis, first, first + count),
                StatesValue states => StateRules.Take(states, axis, [.. Enumerable.Range((int)first, (int)count)], keep: true),
                InputValue input when input.Axes[axis] is [var atom] =>
                    input with { Axes = input.Axes.With(axis, atom.Part((int)first, (int)count)) },
                _ => null,
            };
        }
        bool last = toEnd && (from.Is(-1) || from.Equals(size.Plus(Extent.One, -1)));
        return last ? One(call, value, axis, Extent.Of(-1), keep: true)
            : from.Is(0) && to.Is(1) ? One(call, value, axis, Extent.Of(0), keep: true) : null;
    }

    private static (long First, long Count)? Bounds(Extent size, Extent from, Extent to)
    {
        if (size.Number is not { } own || from.Number is not { } a || to.Number is not { } b) return null;
        long first = Math.Clamp(a < 0 ? a + own : a, 0, own), end = Math.Clamp(b < 0 ? b + own : b, 0, own);
        return end > first ? (first, end - first) : null;
    }

    private static void Split(LiftCall call)
    {
        long axis = call.Attribute("axis", 0L);
        int parts = call.Node.Outputs.Count;
        long[]? sizes = call.Ints("split") ?? call.Wholes(1);
        if (sizes is null && call.Value(0) is AxisValue value && value.Axes.Place(axis) is { } place && value.Axes.Size(place).Number is { } size
            && size % parts == 0)
            sizes = [.. Enumerable.Repeat(size / parts, parts)];
        if (sizes is null) { call.Refuse("splits a value that is not understood"); return; }
        long at = 0;
        for (int i = 0; i < parts; i++, at += sizes[i - 1])
            if (Range(call, call.Value(0)!, axis, Extent.Of(at), Extent.Of(at + sizes[i])) is { } part) call.Set(part, i);
            else call.Refuse("splits an axis that no layer of a network here splits");
    }

    // y.gather(steps, lengths − 1): of each sequence its last step.
    private static void GatherElements(LiftCall call)
    {
        if (call.Rows(0) is { } rows && call.Value(1) is InputValue { Plus: -1, Fixed.IsEmpty: true } index
            && rows.Axes.Place(call.Attribute("axis", 0L)) is { } axis
            && rows.Steps == StepPick.All && rows.Axes[axis] is [var step] && step == call.Context.Steps && index.Axes.Rank == rows.Axes.Rank
            && call.Context.Lengths is { } lengths && lengths.Port.Name == index.Port.Name && RowRules.HasLengths(rows.Of)
            && Enumerable.Range(0, rows.Axes.Rank).All(each => Fits(each)))
            call.Set(rows with { Axes = rows.Axes.With(axis), Steps = StepPick.Last });
        else call.Refuse("takes places that are known only when the graph runs");

        bool Fits(int each) => each == axis ? index.Axes[each].Length == 0
            : rows.Axes[each] is [var own] && (own == call.Context.Sequences && !index.IsSorted || (own == call.Context.Sorted && index.IsSorted))
                ? index.Axes[each].SequenceEqual(index.Declared[0])
            : index.Axes[each] is [{ Repeats: true } repeated] && repeated.Size.Equals(rows.Axes.Size(each));
    }

    // Lengths in order, longest first, and where each was.
    private static void TopK(LiftCall call)
    {
        if (call.Value(0) is InputValue { IsWhole: true, Axes.Rank: 1 } lengths && call.Sizes(1) is { Items: [var count] }
            && count.Equals(lengths.Axes.Size(0)) && call.Attribute("largest", 1L) == 1)
        {
            call.Set(lengths with { IsSorted = true });
            call.Set(new OrderValue(lengths), 1);
        }
        else call.Refuse("sorts values that are not the lengths of sequences");
    }

    private static void Undo(LiftCall call)
    {
        if (call.Value(0) is UniformValue && call.Value(1) is OrderValue order && call.Value(2) is CountingValue
            && call.Attribute("reduction", "none") == "none")
            call.Set(new UndoValue(order));
        else call.Refuse("writes to places that are known only when the graph runs");
    }

    private static void Reorder(LiftCall call, AxisValue value, int axis)
    {
        if (value.Axes[axis] is [var atom] && call.Context.SortedOf(atom) is { } sorted && value is RowsValue or InputValue { IsWhole: true })
            call.Set(value with { Axes = value.Axes.With(axis, sorted) });
        else call.Refuse("sorts an axis that does not count the sequences");
    }

    private static void Restore(LiftCall call, AxisValue value, int axis)
    {
        if (value.Axes[axis] is [var atom] && call.Context.UnsortedOf(atom) is { } sequences)
            call.Set(value with { Axes = value.Axes.With(axis, sequences) });
        else call.Refuse("brings an axis back to an order that it was not taken from");
    }
}
