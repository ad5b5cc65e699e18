namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>Where a recurrent node's outputs go, all zero; what is not wanted is empty.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal readonly ref struct RecurrentOutputs<T>
{
    /// <summary>Y, shaped as <see cref="RecurrentInputs.OutputShape"/>.</summary>
    public Span<T> Y { get; init; }

    /// <summary>Y_h, shaped as <see cref="RecurrentInputs.StateShape"/>.</summary>
    public Span<T> LastH { get; init; }

    /// <summary>Y_c, shaped as <see cref="RecurrentInputs.StateShape"/>.</summary>
    public Span<T> LastC { get; init; }
}
