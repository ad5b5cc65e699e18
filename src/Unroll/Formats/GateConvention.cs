using Unroll.Core;

namespace Unroll.Formats;

/// <summary>What a GRU's update gate z multiplies.</summary>
public enum UpdatePolarity
{
    /// <summary>h = (1 - z) ⊙ n + z ⊙ h₋: ours, PyTorch's, ONNX's, Keras's.</summary>
    KeepsPast,

    /// <summary>h = z ⊙ n + (1 - z) ⊙ h₋: the notes' Γu (S36).</summary>
    TakesCandidate,
}

/// <summary>Where a GRU applies its reset gate. The two are different functions: no change of weights turns one into the other.</summary>
public enum ResetPlace
{
    /// <summary>n = tanh(a + W (r ⊙ h₋)): cell <c>gru</c>; ONNX's default, Keras's <c>reset_after=False</c>, the notes (S36).</summary>
    BeforeProduct,

    /// <summary>n = tanh(a + r ⊙ (W h₋ + b)): cell <c>gru-after</c>; PyTorch, cuDNN, ONNX's <c>linear_before_reset=1</c>.</summary>
    AfterProduct,
}

/// <summary>How a program stacks its gates, in our letters: i f g o for the LSTM, whose candidate is g; r z n for the GRU, whose candidate is n.
/// </summary>
/// <param name="Program">Whose convention it is.</param>
/// <param name="Lstm">The order of the LSTM's gates.</param>
/// <param name="Gru">The order of the GRU's gates.</param>
/// <param name="Update">What the GRU's update gate multiplies.</param>
/// <param name="Reset">Where the GRU resets; null where a switch beside the weights says so.</param>
public sealed record GateConvention(string Program, string Lstm, string Gru, UpdatePolarity Update, ResetPlace? Reset)
{
    /// <summary>Ours: PyTorch's orders; either place of the reset, as the cell's name says.</summary>
    public static GateConvention Ours { get; } = new("Unroll", "ifgo", "rzn", UpdatePolarity.KeepsPast, null);

    /// <summary>PyTorch and cuDNN.</summary>
    public static GateConvention PyTorch { get; } = new("PyTorch", "ifgo", "rzn", UpdatePolarity.KeepsPast, ResetPlace.AfterProduct);

    /// <summary>ONNX: i o f c and z r h in its own letters; <c>linear_before_reset</c> gives the place of the reset.</summary>
    public static GateConvention Onnx { get; } = new("ONNX", "iofg", "zrn", UpdatePolarity.KeepsPast, null);

    /// <summary>Keras: i f c o and z r h in its own letters; <c>reset_after</c> gives the place of the reset.</summary>
    public static GateConvention Keras { get; } = new("Keras", "ifgo", "zrn", UpdatePolarity.KeepsPast, null);

    /// <summary>The notes, S26 and S36: W_f W_i W_c W_o, and Γr Γu c̃ with the update gate on the candidate.</summary>
    public static GateConvention Notes { get; } = new("the notes", "figo", "rzn", UpdatePolarity.TakesCandidate, ResetPlace.BeforeProduct);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<GateConvention> All { get; } = [Ours, PyTorch, Onnx, Keras, Notes];

    /// <summary>Refuses weights of a GRU that resets in one place for a cell that resets in the other.</summary>
    /// <param name="file">What to call the file in the error.</param>
    /// <param name="found">Where the weights' GRU resets.</param>
    /// <param name="wanted">Where the cell resets.</param>
    /// <exception cref="UserErrorException">They differ.</exception>
    public static void RequireReset(string file, ResetPlace found, ResetPlace wanted)
    {
        if (found != wanted)
            throw new UserErrorException(
                $"'{file}' holds a GRU that resets {Words(found)}, cell '{CellOf(found)}', and cell '{CellOf(wanted)}' resets {Words(wanted)}: "
                + $"the two cannot be converted into each other; use cell '{CellOf(found)}'.");
    }

    /// <summary>The name of the cell that resets there.</summary>
    /// <param name="place">Where it resets.</param>
    public static string CellOf(ResetPlace place) => place == ResetPlace.BeforeProduct ? "gru" : "gru-after";

    private static string Words(ResetPlace place) => place == ResetPlace.BeforeProduct ? "before the product" : "after the product";
}
