using Unroll.Exchange.Onnx.Wire;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// The operators that layers are written with, in the form that every opset from 14 to 22 reads; where the form has changed, the one of the graph's
/// opset (https://github.com/onnx/onnx/blob/main/docs/Changelog.md).
/// </summary>
internal static class Operators
{
    private const int AxesAreInputs = 18;                                // of ReduceMean, ReduceMax, ReduceMin; of ReduceSum since 13
    private const int HasLayerNormalization = 17;
    private const float Epsilon = 1e-5f;

    public static string Add(this GraphWriter g, string a, string b) => g.Node("Add", [a, b]);

    public static string Sub(this GraphWriter g, string a, string b) => g.Node("Sub", [a, b]);

    public static string Mul(this GraphWriter g, string a, string b) => g.Node("Mul", [a, b]);

    /// <summary>What two directions of equal shape become.</summary>
    public static string Merged(this GraphWriter g, Merge merge, int axis, string forward, string reverse) => merge switch
    {
        Merge.Concatenate => g.Concat(axis, forward, reverse),
        Merge.Multiply => g.Mul(forward, reverse),
        Merge.Average => g.Mul(g.Add(forward, reverse), g.Float(0.5f)),
        _ => g.Add(forward, reverse),
    };

    public static string Div(this GraphWriter g, string a, string b) => g.Node("Div", [a, b]);

    public static string MatMul(this GraphWriter g, string a, string b) => g.Node("MatMul", [a, b]);

    public static string Tanh(this GraphWriter g, string x) => g.Node("Tanh", [x]);

    public static string Sigmoid(this GraphWriter g, string x) => g.Node("Sigmoid", [x]);

    public static string Where(this GraphWriter g, string condition, string yes, string no) => g.Node("Where", [condition, yes, no]);

    public static string And(this GraphWriter g, string a, string b) => g.Node("And", [a, b]);

    public static string Concat(this GraphWriter g, int axis, params IEnumerable<string> parts) =>
        g.Node("Concat", parts, Attributes.Of("axis", axis));

    public static string Transpose(this GraphWriter g, string x, params IEnumerable<long> order) =>
        g.Node("Transpose", [x], Attributes.Of("perm", order));

    public static string Squeeze(this GraphWriter g, string x, params ReadOnlySpan<long> axes) => g.Node("Squeeze", [x, g.Longs(axes)]);

    public static string Unsqueeze(this GraphWriter g, string x, params ReadOnlySpan<long> axes) => g.Node("Unsqueeze", [x, g.Longs(axes)]);

    public static string Reshape(this GraphWriter g, string x, params ReadOnlySpan<long> shape) => g.Node("Reshape", [x, g.Longs(shape)]);

    public static string Cast(this GraphWriter g, string x, TensorProto.Types.DataType type) =>
        g.Node("Cast", [x], Attributes.Of("to", (long)type));

    /// <summary>Elements <paramref name="from"/> … <paramref name="to"/> − 1 of an axis.</summary>
    public static string Slice(this GraphWriter g, string x, long axis, long from, long to) =>
        g.Node("Slice", [x, g.Longs(from), g.Longs(to), g.Longs(axis)]);

    /// <summary>Parts of an axis, one after the other.</summary>
    public static string[] Split(this GraphWriter g, string x, int axis, params ReadOnlySpan<long> sizes) => sizes.Length == 1
        ? [x] : g.Nodes("Split", [x, g.Longs(sizes)], sizes.Length, Attributes.Of("axis", axis));

    /// <summary>One dimension of a value, as a vector of length 1 of long integers.</summary>
    public static string Dimension(this GraphWriter g, string x, long axis) =>
        g.Node("Gather", [g.Node("Shape", [x]), g.Longs(axis)], Attributes.Of("axis", 0));

    public static string ReduceSum(this GraphWriter g, string x, long axis, bool keep = false) =>
        g.Node("ReduceSum", [x, g.Longs(axis)], Attributes.Of("keepdims", keep ? 1 : 0));

    /// <summary>ReduceMean, ReduceMax or ReduceMin over one axis.</summary>
    public static string Reduce(this GraphWriter g, string type, string x, long axis, bool keep = false) => g.Opset >= AxesAreInputs
        ? g.Node(type, [x, g.Longs(axis)], Attributes.Of("keepdims", keep ? 1 : 0))
        : g.Node(type, [x], Attributes.Of("axes", [axis]), Attributes.Of("keepdims", keep ? 1 : 0));

    /// <summary>±limit; infinite: none.</summary>
    public static string Clip(this GraphWriter g, string x, float? limit) =>
        limit is not { } bound ? x : g.Node("Clip", [x, g.Float(-bound), g.Float(bound)]);

    public static string Softmax(this GraphWriter g, string x, int axis) => g.Node("Softmax", [x], Attributes.Of("axis", axis));

    //  y = (x − mean x) / √(mean (x − mean x)² + ε) ⊙ gain + bias       over the last axis
    public static string LayerNorm(this GraphWriter g, string x, string gain, string bias, float epsilon = Epsilon)
    {
        if (g.Opset >= HasLayerNormalization)
            return g.Node("LayerNormalization", [x, gain, bias], Attributes.Of("axis", -1), Attributes.Of("epsilon", epsilon));
        string centered = g.Sub(x, g.Reduce("ReduceMean", x, -1, keep: true));
        string variance = g.Reduce("ReduceMean", g.Mul(centered, centered), -1, keep: true);
        string normal = g.Div(centered, g.Node("Sqrt", [g.Add(variance, g.Float(epsilon))]));
        return g.Add(g.Mul(normal, gain), bias);
    }
}
