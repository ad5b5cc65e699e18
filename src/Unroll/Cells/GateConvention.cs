namespace Unroll.Cells;

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

/// <summary>How a program stores a cell's gates, in this library's letters: as the cell itself says in <see cref="ICell.Convention"/>.</summary>
/// <param name="Program">Whose convention it is.</param>
/// <param name="Gates">One letter for each gate, in the order in which their rows are stacked.</param>
/// <param name="Reset">Where a GRU resets; null for other cells.</param>
/// <param name="Update">What a GRU's update gate z multiplies; null for other cells.</param>
public sealed record GateConvention(string Program, string Gates, ResetPlace? Reset = null, UpdatePolarity? Update = null)
{
    /// <summary>This library.</summary>
    public const string Ours = "Unroll";

    /// <summary>PyTorch and cuDNN.</summary>
    public const string PyTorch = "PyTorch";

    /// <summary>ONNX; of a GRU <c>linear_before_reset</c> gives the place of the reset.</summary>
    public const string Onnx = "ONNX";

    /// <summary>Keras; of a GRU <c>reset_after</c> gives the place of the reset.</summary>
    public const string Keras = "Keras";

    /// <summary>The lecture notes that this library follows: one matrix on [h; x], a GRU whose update gate takes the candidate.</summary>
    public const string Notes = "the notes";

    /// <summary>How a program stores a cell; null where it has no such cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="program">One of the names above.</param>
    public static GateConvention? Of(ICell cell, string program) =>
        program == Ours ? cell.Convention : cell.OtherConventions.FirstOrDefault(one => one.Program == program);

    /// <summary><c>gates rzn, reset before, update keeps-past</c></summary>
    public override string ToString() => $"gates {Gates}"
        + (Reset is ResetPlace reset ? $", reset {WordOf(reset)}" : "") + (Update is UpdatePolarity update ? $", update {WordOf(update)}" : "");

    /// <summary>As model files write it: <c>before</c>, <c>after</c>.</summary>
    internal static string WordOf(ResetPlace reset) => reset == ResetPlace.BeforeProduct ? "before" : "after";

    /// <summary>As model files write it: <c>keeps-past</c>, <c>takes-candidate</c>.</summary>
    internal static string WordOf(UpdatePolarity update) => update == UpdatePolarity.KeepsPast ? "keeps-past" : "takes-candidate";
}
