using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Operators that move axes and leave the numbers as they are.</summary>
internal static class LayoutRules
{
    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All =>
    [
        ("Transpose", Transpose), ("Squeeze", Squeeze), ("Unsqueeze", Unsqueeze), ("Reshape", Reshape), ("Flatten", Flatten), ("Expand", Expand),
        ("Tile", Tile),
        ("Identity", Pass), ("Dropout", Dropout), ("Cast", Cast),
    ];

    private static void Pass(LiftCall call) => call.Set(call.Value(0)!);

    // Without training it hands its input on; what would drop has no mask to show.
    private static void Dropout(LiftCall call)
    {
        if (call.Value(2) is KnownValue { Tensor: { Type: OnnxType.Bool } mode } && mode.Values<bool>() is [true])
            call.Refuse("drops at random, as in training");
        else Pass(call);
    }

    private static void Cast(LiftCall call)
    {
        OnnxType? to = OnnxTypes.Of((int)call.Attribute("to", 0L));
        bool whole = to is OnnxType.Int64 or OnnxType.Int32;
        switch (call.Value(0))
        {
            case SizesValue or RepeatedValue or CountingValue or OrderValue or UndoValue when whole: Pass(call); break;
            case UniformValue { IsZero: true } when whole: call.Set(new UniformValue(OnnxTensor.Scalar(0L))); break;
            case UniformValue { IsZero: true } when to == OnnxType.Float: call.Set(new UniformValue(OnnxTensor.Scalar(0f))); break;
            case InputValue { Port.Type: OnnxType.Int64 or OnnxType.Int32 } when whole: Pass(call); break;
            case InputValue { Port.Type: OnnxType.Float } input when whole: call.Set(input with { IsCut = true }); break;
            case InputValue { Port.Type: OnnxType.Float, IsCut: false } when to == OnnxType.Float: Pass(call); break;
            case RowsValue or StatesValue when to == OnnxType.Float: Pass(call); break;
            default: call.Refuse($"casts to {to?.Name() ?? "another type"}"); break;
        }
    }

    private static void Transpose(LiftCall call)
    {
        if (call.Value(0) is UniformValue or SpreadValue { Tensor.Count: 1 }) Pass(call);
        else if (call.Value(0) is not AxisValue value) call.Refuse("reorders axes that are not known");
        else
        {
            int[] order = call.Ints("perm") is { } given ? [.. given.Select(axis => (int)axis)] : [.. Enumerable.Range(0, value.Axes.Rank).Reverse()];
            call.SetAxes(value, order.Length == value.Axes.Rank ? value.Axes.Transposed(order) : null);
        }
    }

    private static void Squeeze(LiftCall call)
    {
        switch (call.Value(0))
        {
            case UniformValue or SpreadValue { Tensor.Count: 1 }: Pass(call); break;
            case SizesValue { Items.Length: 1 } sizes: call.Set(sizes with { IsVector = false }); break;
            case TruthsValue { Items.Length: 1 } truths: call.Set(truths with { IsVector = false }); break;
            case AxisValue value:
                if (Squeezed(call, value) is { } axes) call.SetAxes(value, axes);
                else call.Refuse("drops an axis that has size 1 for some inputs only, or whose size is not 1");
                break;
            default: call.Refuse("drops an axis of a value that is not understood"); break;
        }
    }

    private static AxisList? Squeezed(LiftCall call, AxisValue value)
    {
        bool[] ones = [.. Enumerable.Range(0, value.Axes.Rank).Select(axis => value.Axes.Size(axis).Is(1))];
        if (call.Ints("axes") is null && call.Value(1) is null)
            return Enumerable.Range(0, ones.Length).All(axis => ones[axis] || value.Axes.Size(axis).IsNot(1))
                ? value.Axes.Without([.. Enumerable.Range(0, ones.Length).Where(axis => ones[axis])]) : null;
        if (call.Axes(1) is not { } given || LiftCall.Places(given, value.Axes.Rank) is not { } places
            || !places.All(place => ones[place])) return null;
        return value.Axes.Without([.. places]);
    }

    private static void Unsqueeze(LiftCall call)
    {
        switch (call.Value(0))
        {
            case UniformValue or SpreadValue { Tensor.Count: 1 }: Pass(call); break;
            case SizesValue { IsVector: false } sizes: call.Set(sizes with { IsVector = true }); break;
            case KnownValue { Tensor: { Rank: 0 } } when call.Sizes(0) is { } sizes: call.Set(sizes with { IsVector = true }); break;
            case AxisValue value when call.Axes(1) is { } given && LiftCall.Places(given, value.Axes.Rank + given.Length) is { } places:
                call.SetAxes(value, value.Axes.Unsqueezed(places));
                break;
            default: call.Refuse("adds an axis to a value that is not understood"); break;
        }
    }

    private static void Reshape(LiftCall call)
    {
        switch (call.Value(0))
        {
            case UniformValue or SpreadValue { Tensor.Count: 1 }: Pass(call); break;
            case SizesValue sizes when call.Sizes(1) is { Items: [var one] } && (one.Is(-1) || one.Is(sizes.Items.Length)):
                call.Set(sizes with { IsVector = true });
                break;
            case OrderValue or UndoValue when call.Sizes(1) is { Items: [_] }: Pass(call); break;
            case AxisValue value when call.Sizes(1) is { } asked: Reshape(call, value, asked.Items); break;
            default: call.Refuse("reshapes a value that is not understood"); break;
        }
    }

    private static void Reshape(LiftCall call, AxisValue value, ImmutableArray<Extent> asked)
    {
        if (call.Attribute("allowzero", 0L) == 1 && asked.Any(size => size.Is(0))) { call.Refuse("makes an empty value"); return; }
        List<Extent> sizes = [];
        foreach ((int axis, Extent size) in asked.Index())
            if (size.Is(0) && axis >= value.Axes.Rank) { call.Refuse("copies the size of an axis that is not there"); return; }
            else sizes.Add(size.Is(0) ? value.Axes.Size(axis) : size);
        if (value is StatesValue states) value = StateRules.Split(states, sizes);
        call.SetAxes(value, value.Axes.Reshaped(sizes));
    }

    private static void Flatten(LiftCall call)
    {
        long axis = call.Attribute("axis", 1L);
        if (call.Value(0) is not AxisValue value || axis < -value.Axes.Rank || axis > value.Axes.Rank)
        {
            call.Refuse("flattens a value that is not understood");
            return;
        }
        int at = (int)(axis < 0 ? axis + value.Axes.Rank : axis);
        ImmutableArray<Atom> Part(int from, int to) => [.. Enumerable.Range(from, to - from).SelectMany(each => value.Axes[each])];
        call.SetAxes(value, new AxisList(Part(0, at), Part(at, value.Axes.Rank)));
    }

    // A size of 1 in either is repeated as often as the other says.
    private static void Expand(LiftCall call)
    {
        switch (call.Value(0))
        {
            case UniformValue: Pass(call); break;
            case KnownValue known when known.Tensor.Count > 0: call.Set(Spread(known.Tensor)); break;
            case SpreadValue: Pass(call); break;
            case SizesValue { Items: [var size] }: call.Set(new RepeatedValue(size)); break;
            case AxisValue value when call.Sizes(1) is { } asked: Expand(call, value, asked.Items); break;
            default: call.Refuse("repeats a value that is not understood"); break;
        }
    }

    private static void Tile(LiftCall call)
    {
        if (call.Value(0) is UniformValue) Pass(call);
        else if (call.Value(0) is SizesValue { Items: [var size] }) call.Set(new RepeatedValue(size));
        else call.Refuse("repeats a value that is not understood");
    }

    /// <summary>A repeated constant; one whose elements are all the same is a number alone.</summary>
    public static LiftValue Spread(OnnxTensor tensor)
    {
        int size = tensor.Type.Size();
        for (int i = 1; i < tensor.Count; i++)
            if (!tensor.Bytes.Slice(i * size, size).SequenceEqual(tensor.Bytes[..size])) return new SpreadValue(tensor);
        return new UniformValue(new OnnxTensor(tensor.Type, [], tensor.Memory[..size])) { Shape = tensor.Shape.ToArray() };
    }

    private static void Expand(LiftCall call, AxisValue value, ImmutableArray<Extent> asked)
    {
        int more = Math.Max(0, asked.Length - value.Axes.Rank), rank = value.Axes.Rank + more;
        AxisList axes = value.Axes.Unsqueezed([.. Enumerable.Range(0, more)]);
        for (int axis = 0; axis < rank; axis++)
        {
            Extent size = axis < rank - asked.Length ? Extent.One : asked[axis - (rank - asked.Length)];
            if (size.Is(1) || size.Equals(axes.Size(axis))) continue;
            if (!axes.Size(axis).Is(1)) { call.Refuse($"repeats {value.Axes} to sizes that may be others"); return; }
            axes = axes.With(axis, new Atom("repeated", size) { Repeats = true });
        }
        call.SetAxes(value, axes);
    }
}
