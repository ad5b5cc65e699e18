using Unroll.Exchange.Onnx.Values;
using static Unroll.Exchange.Tests.Onnx.OperatorCases;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>Models of one node that moves elements.</summary>
internal static class MoveCases
{
    public static IEnumerable<OneNode> All => [.. Shapes(), .. Moves(), .. Slices(), .. Pads()];

    private static IEnumerable<OneNode> Shapes()
    {
        yield return new("Shape", 13, F(2, 3, 4));
        yield return new("Shape", 13, F());
        foreach ((int start, int end) in ((int, int)[])[(1, 2), (-1, 9), (-2, -1), (0, 0), (2, 1), (-9, 9)])
            yield return new("Shape", 15, F(2, 3, 4)) { Attributes = [("start", start), ("end", end)] };
        yield return new("Size", 13, F(2, 0));
        yield return new("Size", 13, F(2, 3));
        yield return new("Reshape", 13, F(2, 3, 4), Ls(0, -1));
        yield return new("Reshape", 13, F(2, 3, 4), Ls(4, 0, -1));
        yield return new("Reshape", 13, F(1, 1), Ls());
        yield return new("Reshape", 14, F(0, 3), Ls(3, 0)) { Attributes = [("allowzero", 1)] };
        yield return new("Reshape", 14, L(2, 3), Ls(-1));
        yield return new("Flatten", 13, F(2, 3, 4));
        foreach (int axis in (int[])[0, 2, 3, -1]) yield return new("Flatten", 13, F(2, 3, 4)) { Attributes = [("axis", axis)] };
        yield return new("Squeeze", 11, F(1, 3, 1));
        yield return new("Squeeze", 11, F(1, 3, 1)) { Attributes = [("axes", new long[] { 0 })] };
        yield return new("Squeeze", 13, F(1, 3, 1), Ls(-1));
        yield return new("Squeeze", 13, F(1, 3, 1));
        yield return new("Unsqueeze", 11, F(3)) { Attributes = [("axes", new long[] { 0, 2 })] };
        yield return new("Unsqueeze", 13, F(3), Ls(2, 0));
        yield return new("Unsqueeze", 13, F(), Ls(-1));
        yield return new("Expand", 13, F(3, 1), Ls(2, 1, 6));
        yield return new("Expand", 13, F(3, 1), Ls(3, 4));
        yield return new("Expand", 13, L(), Ls(2, 2));
        yield return new("Expand", 13, F(1), Ls(0));
    }

    private static IEnumerable<OneNode> Moves()
    {
        yield return new("Transpose", 13, F(2, 3, 4));
        foreach (long[] order in (long[][])[[0, 2, 1], [1, 0, 2], [2, 0, 1], [0, 1, 2]]) yield return new("Transpose", 13,
            L(2, 3, 4)) { Attributes = [("perm", order)] };
        yield return new("Transpose", 13, B(2, 3));
        yield return new("Tile", 13, F(2, 3), Ls(2, 1));
        yield return new("Tile", 13, F(2, 3), Ls(3, 2));
        yield return new("Tile", 13, F(2, 3), Ls(0, 2));
        yield return new("Concat", 13, F(2, 3), F(1, 3)) { Attributes = [("axis", 0)] };
        yield return new("Concat", 13, F(2, 3), F(2, 1), F(2, 0)) { Attributes = [("axis", -1)] };
        yield return new("Concat", 13, L(2, 3, 2), L(2, 1, 2)) { Attributes = [("axis", 1)] };
        yield return new("Concat", 13, B(2)) { Attributes = [("axis", 0)] };
        yield return new("Split", 11, F(4, 3)) { Attributes = [("axis", 0)], Outputs = 2 };
        yield return new("Split", 11, F(4, 3)) { Attributes = [("axis", 1), ("split", new long[] { 1, 2 })], Outputs = 2 };
        yield return new("Split", 13, F(4, 6), Ls(1, 2, 3)) { Attributes = [("axis", -1)], Outputs = 3 };
        yield return new("Split", 13, F(6)) { Outputs = 3 };
        yield return new("Split", 18, F(7, 2)) { Attributes = [("num_outputs", 3)], Outputs = 3 };
        yield return new("Split", 18, L(2, 6)) { Attributes = [("num_outputs", 2), ("axis", 1)], Outputs = 2 };
        foreach (int k in (int[])[0, 1, -1, 9])
        {
            yield return new("Trilu", 14, F(3, 4), One((long)k));
            yield return new("Trilu", 14, L(2, 4, 3), One((long)k)) { Attributes = [("upper", 0)] };
        }
        yield return new("ReverseSequence", 10, F(4, 3), Ls(1, 4, 2));
        yield return new("ReverseSequence", 10, F(3, 4, 2), Ls(1, 4, 2)) { Attributes = [("batch_axis", 0), ("time_axis", 1)] };
    }

    private static IEnumerable<OneNode> Slices()
    {
        yield return new("Slice", 9, F(4, 5)) { Attributes = [("starts", new long[] { 1, 0 }), ("ends", new long[] { 3, 4 })] };
        yield return new("Slice", 9, F(4, 5)) { Attributes = [("starts", new long[] { -3 }), ("ends", new long[] { 1000 }),
            ("axes", new long[] { 1 })] };
        (long Start, long End, long Step)[] all = [(0, 3, 1), (1, 100, 1), (-2, 100, 1), (4, 0, -1), (-1, long.MinValue, -1), (3, 1, 1), (0, 5, 2),
            (4, -100, -2), (-100, -1, 1),
            (1, 2, 100), (100, 0, -1), (0, long.MaxValue, 3), (-1, -100, -3)];
        foreach ((long start, long end, long step) in all) yield return new("Slice", 13, F(2, 5), Ls(start), Ls(end), Ls(1), Ls(step));
        yield return new("Slice", 13, F(4, 5), Ls(1, 0), Ls(3, 4));
        yield return new("Slice", 13, L(4, 5), Is(3, 4), Is(-5, 0), Is(0, -1), Is(-1, -2));
        yield return new("Slice", 10, F(0, 5), Ls(0), Ls(3));
    }

    private static IEnumerable<OneNode> Pads()
    {
        yield return new("Pad", 7, F(2, 3)) { Attributes = [("pads", new long[] { 0, 1, 1, 0 }), ("value", 2.5f)] };
        yield return new("Pad", 13, F(2, 3), Ls(0, 2, 1, 0), One(-1f));
        yield return new("Pad", 13, L(4), Ls(1, 2));
        yield return new("Pad", 13, F(5), Ls(-1, 2));
        foreach (string mode in (string[])["edge", "reflect"]) yield return new("Pad", 13, F(3, 4), Ls(2, 3, 1, 2)) { Attributes = [("mode", mode)] };
        yield return new("Pad", 19, F(3, 4), Ls(2, 3, 1, 2)) { Attributes = [("mode", "wrap")] };
        yield return new("Pad", 18, F(3, 4), Ls(1, 2), One(0f), Ls(-1));
    }

    public static IEnumerable<OneNode> Gathering
    {
        get
        {
            yield return new("Gather", 13, F(4, 3), Ls(0, 3, -1));
            yield return new("Gather", 13, F(2, 4, 3), OnnxTensor.Of<long>([2, 2], [0, 1, -1, 3])) { Attributes = [("axis", 1)] };
            yield return new("Gather", 13, L(4), One(2L));
            yield return new("Gather", 13, F(4, 3), Is(1, 1)) { Attributes = [("axis", -1)] };
            yield return new("Gather", 13, F(4, 3), Ls());
            yield return new("GatherElements", 13, F(3, 3), OnnxTensor.Of<long>([2, 3], [1, 2, 0, 2, 0, -1]));
            yield return new("GatherElements", 13, F(2, 4), OnnxTensor.Of<long>([2, 2], [3, 0, -1, 1])) { Attributes = [("axis", 1)] };
            yield return new("GatherND", 13, F(2, 3, 4), OnnxTensor.Of<long>([2, 2], [0, 1, 1, -1]));
            yield return new("GatherND", 13, F(2, 3, 4), OnnxTensor.Of<long>([2, 1, 3], [0, 1, 2, 1, 0, 3]));
            yield return new("GatherND", 13, F(2, 3, 4), OnnxTensor.Of<long>([2, 2], [2, 0, 1, 3])) { Attributes = [("batch_dims", 1)] };
            yield return new("ScatterElements", 13, F(3, 3), OnnxTensor.Of<long>([2, 3], [1, 0, 2, 0, 2, 1]), F(2, 3));
            yield return new("ScatterElements", 13, L(2, 5), OnnxTensor.Of<long>([2, 2], [1, -1, 0, 3]), L(2, 2)) { Attributes = [("axis", 1)] };
            yield return new("ScatterND", 13, F(4, 3), OnnxTensor.Of<long>([2, 1], [3, 0]), F(2, 3));
            yield return new("ScatterND", 13, F(4, 3), OnnxTensor.Of<long>([2, 2], [3, 0, 1, 2]), F(2));
        }
    }
}
