using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>What goes from layer to layer: rows of sequences, time first as recurrent operators read it.</summary>
/// <param name="Value">[steps, batch, features]: floats, or at a network's input long integers.</param>
/// <param name="Features">Of a row.</param>
/// <param name="Lengths">[batch], int32; null in a graph of one step, where every sequence has it.</param>
/// <param name="Mask">[steps, batch, 1], bool: where a sequence has a step; null with <paramref name="Lengths"/>.</param>
/// <param name="Pooled">Whether there is one row a sequence, at step 0.</param>
internal sealed record Steps(string Value, int Features, string? Lengths, string? Mask, bool Pooled = false)
{
    /// <summary>The same sequences with other rows.</summary>
    public Steps With(string value, int features) => this with { Value = value, Features = features };

    /// <summary>The rows, and 0 (or another number) past each sequence's end, whatever stood there.</summary>
    public string Masked(GraphWriter g, float past = 0) => Mask is null ? Value : g.Where(Mask, Value, g.Float(past));

    /// <summary>Bool [steps, 1]: the numbers of the steps, compared with what is in <paramref name="places"/> [1, batch].</summary>
    public string At(GraphWriter g, string places) => g.And(Mask!, g.Unsqueeze(g.Node("Equal", [Numbers(g, Value), places]), 2));

    /// <summary>Where sequences of some lengths have steps: [steps, batch, 1].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="value">What has the steps, along axis 0.</param>
    /// <param name="lengths">[batch], int32.</param>
    public static string MaskOf(GraphWriter g, string value, string lengths) =>
        g.Unsqueeze(g.Node("Less", [Numbers(g, value), g.Unsqueeze(lengths, 0)]), 2);

    // int32 [steps, 1]
    private static string Numbers(GraphWriter g, string value)
    {
        string count = g.Squeeze(g.Cast(g.Dimension(value, 0), TensorProto.Types.DataType.Int32), 0);
        return g.Unsqueeze(g.Node("Range", [g.Int(0), count, g.Int(1)]), 1);
    }
}
