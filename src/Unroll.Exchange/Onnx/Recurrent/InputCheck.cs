using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>Compares the inputs of a recurrent node; each error names the node, the input and its tensor.</summary>
/// <param name="convention">What the node says.</param>
/// <param name="node">The node.</param>
/// <param name="tensors">X, W, R, B, sequence_lens, initial_h, initial_c, P; null where one is missing.</param>
internal sealed class InputCheck(RecurrentConvention convention, OperatorNode node, OnnxTensor?[] tensors)
{
    /// <summary>Refuses other numbers of sizes than three for X, W and R, and other types than float and double.</summary>
    public void Ranks()
    {
        if (tensors[0]!.Type is not (OnnxType.Float or OnnxType.Double))
            throw node.Refusal($"{Title(0)} is {tensors[0]!.Text}, expected float or double");
        for (int i = 0; i < 3; i++)
            if (tensors[i]!.Rank != 3) throw node.Refusal($"{Title(i)} is {tensors[i]!.Text}, expected three sizes");
    }

    /// <summary>Refuses shapes that do not fit each other.</summary>
    public void Shapes(RecurrentInputs inputs)
    {
        int d = convention.Directions, h = inputs.Hidden;
        if (convention.HiddenSize is { } size && size != h)
            throw node.Refusal($"{Title(2)} is {inputs.R.Text}, but attribute 'hidden_size' is {size}: expected the last size of R to be that");
        long rows = (long)convention.Gates * h;
        Require(1, [d, rows, inputs.InputSize]);
        Require(2, [d, rows, h]);
        Require(3, [d, 2 * rows]);
        Require(5, Array.ConvertAll(inputs.StateShape, one => (long)one));
        Require(6, Array.ConvertAll(inputs.StateShape, one => (long)one));
        Require(7, [d, 3L * h]);
    }

    /// <summary>The length of each sequence: T where the node is not told.</summary>
    public int[] Lengths()
    {
        int steps = tensors[0]!.Shape[convention.Layout], sequences = tensors[0]!.Shape[1 - convention.Layout];
        int[] lengths = new int[sequences];
        if (tensors[4] is not { } given)
        {
            Array.Fill(lengths, steps);
            return lengths;
        }
        if (given.Type is not (OnnxType.Int32 or OnnxType.Int64) || given.Rank != 1 || given.Shape[0] != sequences)
            throw node.Refusal($"{Title(4)} is {given.Text}, expected int32 [{sequences}]: a length for each sequence of X");
        for (int s = 0; s < lengths.Length; s++)
        {
            long length = given.Type == OnnxType.Int32 ? given.Values<int>()[s] : given.Values<long>()[s];
            if (length < 0 || length > steps)
                throw node.Refusal($"{Title(4)} says {length} for sequence {s}, expected 0 to {steps}, the steps of X");
            lengths[s] = (int)length;
        }
        return lengths;
    }

    private void Require(int index, ReadOnlySpan<long> shape)
    {
        if (tensors[index] is not { } tensor) return;
        bool same = tensor.Rank == shape.Length && tensor.Type == tensors[0]!.Type;
        for (int i = 0; same && i < shape.Length; i++) same = tensor.Shape[i] == shape[i];
        if (!same)
            throw node.Refusal($"{Title(index)} is {tensor.Text}, expected {tensors[0]!.Type.Name()} [{string.Join(", ", shape.ToArray())}] "
                + $"because X is {tensors[0]!.ShapeText} in layout {convention.Layout}, R is {tensors[2]!.ShapeText}, with "
                + $"{Several(convention.Directions, "direction")} of {Several(convention.Gates, "gate")}");
    }

    private static string Several(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private string Title(int index) => $"the input {RecurrentOperator.Lstm.Inputs()[index]} ('{node.Node.Inputs[index]}')";
}
