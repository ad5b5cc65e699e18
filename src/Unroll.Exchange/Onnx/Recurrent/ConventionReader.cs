using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>
/// Reads the attributes of recurrent nodes. Specification: RNN-1, 7, 14, 22, GRU-1, 3, 7, 14, 22, LSTM-1, 7, 14, 22 of
/// https://onnx.ai/onnx/operators/.
/// </summary>
internal static class ConventionReader
{
    /// <summary>The conventions of a node of a graph; its other attributes are refused.</summary>
    /// <param name="node">The node.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <returns>Null where the node is not recurrent.</returns>
    /// <exception cref="Core.UserErrorException">An attribute is not what the specification says.</exception>
    public static RecurrentConvention? Read(OnnxNode node, string file)
    {
        if (node.Domain.Length > 0 || RecurrentOperators.Of(node.Operator) is not { } op) return null;
        OperatorNode view = new(node, file, _ => throw new InvalidOperationException("a recurrent node has no body"));
        RecurrentConvention convention = Read(op, view);
        view.RefuseOthers();
        return convention;
    }

    /// <summary>The conventions of a node.</summary>
    /// <exception cref="Core.UserErrorException">An attribute is not what the specification says.</exception>
    public static RecurrentConvention Read(RecurrentOperator op, OperatorNode node)
    {
        Direction direction = node.OneOf("direction", "forward", "forward", "reverse", "bidirectional") switch
        {
            "forward" => Direction.Forward,
            "reverse" => Direction.Reverse,
            _ => Direction.Bidirectional,
        };
        // Whether Y is wanted is said by its name; the attribute allowed to leave it out, and went with opset 7.
        if (node.Opset < 7) node.Flag("output_sequence");
        return new()
        {
            Operator = op,
            Opset = node.Opset,
            Direction = direction,
            Layout = node.Opset >= 14 && node.Flag("layout") ? 1 : 0,
            HiddenSize = HiddenSize(node),
            Activations = ActivationReader.Read(op, node, direction == Direction.Bidirectional ? 2 : 1),
            Clip = Clip(node),
            Coupled = op == RecurrentOperator.Lstm && node.Flag("input_forget"),
            LinearBeforeReset = op == RecurrentOperator.Gru && node.Opset >= 3 && node.Int("linear_before_reset", 0) != 0,
        };
    }

    private static int? HiddenSize(OperatorNode node)
    {
        if (!node.Has("hidden_size")) return null;
        long size = node.Int("hidden_size");
        return size is > 0 and <= int.MaxValue ? (int)size : throw node.Refusal($"attribute 'hidden_size' is {size}, expected at least 1");
    }

    private static float? Clip(OperatorNode node)
    {
        if (!node.Has("clip")) return null;
        float clip = node.Float("clip", 0);
        if (!(clip >= 0)) throw node.Refusal(FormattableString.Invariant($"attribute 'clip' is {clip}, expected a number of at least 0, or no clip"));
        return float.IsPositiveInfinity(clip) ? null : clip;
    }
}
