using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Recurrent;

//  ONNX, one direction                       here
//  W [gates·H, I]    LSTM  i o f c           weight_ih [gates·H, I]    i f g o    coupled: i g o
//  R [gates·H, H]    GRU   z r h             weight_hh [gates·H, H]    r z n
//  B [2·gates·H]     RNN   i                 bias_ih, bias_hh          a
//  P [3·H]           i o f                   peephole [3, H]           i f o
//  b_ih is B's first half, b_hh its second. Nothing is computed: numbers are copied, block by block.

/// <summary>The weights of one direction of a recurrent node as this library's layers have them. Exact: the bits are the node's.</summary>
/// <param name="InputToHidden"><c>weight_ih</c> [gates · H, I].</param>
/// <param name="HiddenToHidden"><c>weight_hh</c> [gates · H, H].</param>
/// <param name="InputBias"><c>bias_ih</c> [gates · H]; zeros where the node has no B.</param>
/// <param name="HiddenBias"><c>bias_hh</c> [gates · H].</param>
/// <param name="Peepholes"><c>peephole</c> [3, H], for i, f, o; null where the node has no P.</param>
internal sealed record LayerTensors(float[] InputToHidden, float[] HiddenToHidden, float[] InputBias, float[] HiddenBias, float[]? Peepholes)
{
    /// <summary>Reorders the tensors of one direction.</summary>
    /// <param name="convention">What the node says.</param>
    /// <param name="direction">0, or 1 for the second of two.</param>
    /// <param name="inputSize">I.</param>
    /// <param name="hidden">H.</param>
    /// <param name="w">The whole input W, [D, gates·H, I].</param>
    /// <param name="r">The whole input R, [D, gates·H, H].</param>
    /// <param name="b">The whole input B, [D, 2·gates·H]; empty where it is missing.</param>
    /// <param name="p">The whole input P, [D, 3·H]; empty where it is missing.</param>
    public static LayerTensors Of(
        RecurrentConvention convention, int direction, int inputSize, int hidden,
        ReadOnlySpan<float> w, ReadOnlySpan<float> r, ReadOnlySpan<float> b, ReadOnlySpan<float> p)
    {
        ReadOnlySpan<int> order = OrderOf(convention);
        int rows = convention.Gates * hidden;
        ReadOnlySpan<float> biases = b.IsEmpty ? b : b.Slice(direction * 2 * rows, 2 * rows);
        return new(
            Blocks(w.Slice(direction * rows * inputSize, rows * inputSize), hidden * inputSize, order),
            Blocks(r.Slice(direction * rows * hidden, rows * hidden), hidden * hidden, order),
            b.IsEmpty ? new float[order.Length * hidden] : Blocks(biases[..rows], hidden, order),
            b.IsEmpty ? new float[order.Length * hidden] : Blocks(biases[rows..], hidden, order),
            p.IsEmpty ? null : Blocks(p.Slice(direction * 3 * hidden, 3 * hidden), hidden, [0, 2, 1]));
    }

    /// <summary>For each of our gates in order, its place among ONNX's.</summary>
    private static ReadOnlySpan<int> OrderOf(RecurrentConvention convention) => convention.Operator switch
    {
        RecurrentOperator.Rnn => [0],
        RecurrentOperator.Gru => [1, 0, 2],
        _ when convention.Coupled => [0, 3, 1],
        _ => [0, 2, 3, 1],
    };

    private static float[] Blocks(ReadOnlySpan<float> from, int block, ReadOnlySpan<int> order)
    {
        float[] to = new float[order.Length * block];
        for (int gate = 0; gate < order.Length; gate++) from.Slice(order[gate] * block, block).CopyTo(to.AsSpan(gate * block));
        return to;
    }
}
