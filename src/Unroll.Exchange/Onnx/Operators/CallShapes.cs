using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Sizes and axes that nodes give, checked.</summary>
internal static class CallShapes
{
    /// <summary>Sizes of a tensor to be made.</summary>
    /// <exception cref="Core.UserErrorException">One is negative or too large, or there are too many.</exception>
    public static int[] Sizes(this OperatorCall call, ReadOnlySpan<long> sizes)
    {
        if (sizes.Length > Shapes.MostSizes) throw call.Refusal($"the shape has {sizes.Length} sizes, expected at most {Shapes.MostSizes}");
        int[] shape = new int[sizes.Length];
        for (int i = 0; i < shape.Length; i++)
            shape[i] = sizes[i] is >= 0 and <= int.MaxValue ? (int)sizes[i]
                : throw call.Refusal($"the shape [{string.Join(", ", sizes.ToArray())}] has a size out of range, expected 0 to {int.MaxValue}");
        return shape;
    }

    /// <summary>An axis from −rank to rank − 1 as one from 0 on.</summary>
    /// <param name="call">The node's call.</param>
    /// <param name="axis">As given.</param>
    /// <param name="rank">The number of sizes.</param>
    /// <exception cref="Core.UserErrorException">It is out of range.</exception>
    public static int Axis(this OperatorCall call, long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw call.Refusal($"axis {axis} is out of range for {rank} sizes, expected {-rank} to {rank - 1}");

    /// <summary>Axes, each once, in the order given.</summary>
    /// <exception cref="Core.UserErrorException">One is out of range or doubled.</exception>
    public static int[] Axes(this OperatorCall call, ReadOnlySpan<long> axes, int rank)
    {
        int[] all = new int[axes.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = call.Axis(axes[i], rank);
            if (all.AsSpan(0, i).Contains(all[i])) throw call.Refusal($"axis {axes[i]} is given twice");
        }
        return all;
    }
}
