using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Whole numbers that graphs compute from sizes: to make zeros of the right shape, or to reshape.</summary>
internal static class SizeRules
{
    private const int Most = 64;

    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All =>
    [
        ("Shape", Shape), ("Size", Size), ("ConstantOfShape", ConstantOfShape), ("Mul", call => Pairs(call, (a, b) => a.Times(b))),
        ("Add", call => Pairs(call, (a, b) => a.Plus(b))), ("Sub", call => Pairs(call, (a, b) => a.Plus(b, -1))),
        ("Div", call => Pairs(call, (a, b) => a.Over(b))), ("Equal", Equal), ("Where", Where), ("ReduceProd", Product), ("Range", Range),
    ];

    /// <summary>A value as whole numbers; null: it is none, or too many.</summary>
    public static SizesValue? Of(LiftValue? value) => value switch
    {
        SizesValue sizes => sizes,
        KnownValue { Tensor: { Type: OnnxType.Int64 or OnnxType.Int32, Rank: <= 1, Count: <= Most } tensor } =>
            new([.. Numbers(tensor).Select(Extent.Of)], tensor.Rank == 1),
        _ => null,
    };

    /// <summary>The elements of a tensor of whole numbers.</summary>
    public static long[] Numbers(OnnxTensor tensor) => tensor.Type == OnnxType.Int64
        ? tensor.Values<long>().ToArray() : Array.ConvertAll(tensor.Values<int>().ToArray(), value => (long)value);

    private static void Shape(LiftCall call)
    {
        ImmutableArray<Extent>? all = call.Value(0) switch
        {
            AxisValue value => [.. Enumerable.Range(0, value.Axes.Rank).Select(value.Axes.Size)],
            KnownValue known => [.. known.Tensor.Shape.ToArray().Select(size => Extent.Of(size))],
            SizesValue sizes => sizes.IsVector ? [Extent.Of(sizes.Items.Length)] : [],
            OrderValue order => [order.By.Axes.Size(0)],
            _ => null,
        };
        if (all is not { } items) { call.Refuse("asks for a shape that is not known"); return; }
        long start = call.Attribute("start", 0L), end = call.Attribute("end", (long)items.Length);
        int Place(long at) => (int)Math.Clamp(at < 0 ? at + items.Length : at, 0, items.Length);
        call.Set(new SizesValue(items[Place(start)..Math.Max(Place(start), Place(end))], IsVector: true));
    }

    private static void Size(LiftCall call)
    {
        if (call.Value(0) is AxisValue value) call.Set(new SizesValue([value.Axes.Atoms.Aggregate(Extent.One, (all, atom) => all.Times(atom.Size)!)],
            false));
        else call.Refuse("asks for a size that is not known");
    }

    private static void ConstantOfShape(LiftCall call)
    {
        OnnxTensor element = call.Attribute("value", OnnxTensor.Scalar(0f));
        if (element.Type is OnnxType.Int64 && call.Wholes(0) is [var count] && count is >= 0 and <= Most)
            call.Set(new SizesValue([.. Enumerable.Repeat(Extent.Of(element.Values<long>()[0]), (int)count)], IsVector: true));
        else call.Set(new UniformValue(element.Reshaped([])));
    }

    /// <summary>Element by element, one of both perhaps a single number.</summary>
    public static void Pairs(LiftCall call, Func<Extent, Extent, Extent?> of)
    {
        if (call.Sizes(0) is not { } a || call.Sizes(1) is not { } b || Together(a.Items.Length, b.Items.Length) is not { } count)
        {
            call.Refuse("computes something that no layer of a network here computes");
            return;
        }
        Extent?[] items = [.. Enumerable.Range(0, count).Select(i => of(a.Items[i % a.Items.Length], b.Items[i % b.Items.Length]))];
        if (items.Any(item => item is null)) call.Refuse("computes sizes that depend on the inputs' in a way that is not followed");
        else call.Set(new SizesValue([.. items!], a.IsVector || b.IsVector));
    }

    private static void Equal(LiftCall call)
    {
        if (call.Sizes(0) is not { } a || call.Sizes(1) is not { } b || Together(a.Items.Length, b.Items.Length) is not { } count)
        {
            call.Refuse("compares values, not sizes");
            return;
        }
        bool?[] items = [.. Enumerable.Range(0, count).Select(i => Compare(a.Items[i % a.Items.Length], b.Items[i % b.Items.Length]))];
        if (items.Contains(null)) call.Refuse("compares sizes that are known only when the graph runs");
        else call.Set(new TruthsValue([.. items.Select(item => item!.Value)], a.IsVector || b.IsVector));
    }

    private static bool? Compare(Extent a, Extent b) =>
        a.Equals(b) ? true : (a.Number is { } x && b.IsNot(x)) || (b.Number is { } y && a.IsNot(y)) ? false : null;

    private static void Where(LiftCall call)
    {
        if (call.Value(0) is not TruthsValue choice || call.Sizes(1) is not { } a || call.Sizes(2) is not { } b
            || Together(choice.Items.Length, a.Items.Length, b.Items.Length) is not { } count)
            call.Refuse("chooses between values by what they are");
        else call.Set(new SizesValue(
            [.. Enumerable.Range(0, count).Select(i => choice.Items[i % choice.Items.Length] ? a.Items[i % a.Items.Length]
                : b.Items[i % b.Items.Length])],
            choice.IsVector || a.IsVector || b.IsVector));
    }

    private static void Product(LiftCall call)
    {
        Extent? product = call.Sizes(0) is { } sizes ? sizes.Items.Aggregate((Extent?)Extent.One, (all, item) => all?.Times(item)) : null;
        if (product is null) call.Refuse("multiplies values along an axis");
        else call.Set(new SizesValue([product], call.Attribute("keepdims", 1L) == 1));
    }

    private static void Range(LiftCall call)
    {
        if (call.Wholes(0) is [0] && call.Wholes(2) is [1]) call.Set(new CountingValue());
        else call.Refuse("counts in another way than 0, 1, 2 …");
    }

    private static int? Together(params ReadOnlySpan<int> counts)
    {
        int most = 1;
        foreach (int count in counts) most = Math.Max(most, count);
        foreach (int count in counts) if (count != 1 && count != most) return null;
        return most;
    }
}
