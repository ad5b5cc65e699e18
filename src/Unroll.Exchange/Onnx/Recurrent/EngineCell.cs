using Unroll.Cells;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>Which cell of this library computes what a recurrent node says.</summary>
internal static class EngineCell
{
    /// <summary>
    /// The cell of one direction, or null where none computes the same: other activations than σ and tanh (an RNN's relu apart), or a clip that
    /// leaves nothing.
    /// </summary>
    /// <param name="convention">What the node says.</param>
    /// <param name="direction">0, or 1 for the second of two.</param>
    /// <param name="peepholes">Whether the node has the input P.</param>
    public static CellOptions? For(RecurrentConvention convention, int direction, bool peepholes)
    {
        if (convention.Clip is { } clip && !(clip > 0 && float.IsFinite(clip))) return null;
        ReadOnlySpan<Activation> activations = convention.ActivationsOf(direction);
        bool usual = true;
        for (int i = 0; i < activations.Length; i++) usual &= activations[i].Kind == convention.Operator.DefaultActivations()[i];
        return convention.Operator switch
        {
            RecurrentOperator.Rnn when usual || activations[0].Kind == ActivationKind.Relu =>
                new() { Kind = "rnn", Activation = usual ? "tanh" : "relu", GateClip = convention.Clip },
            RecurrentOperator.Gru when usual => new() { Kind = convention.LinearBeforeReset ? "gru-after" : "gru", GateClip = convention.Clip },
            RecurrentOperator.Lstm when usual =>
                new() { Kind = "lstm", Peepholes = peepholes, Coupled = convention.Coupled, GateClip = convention.Clip },
            _ => null,
        };
    }
}
