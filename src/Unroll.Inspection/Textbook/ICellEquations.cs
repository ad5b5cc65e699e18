namespace Unroll.Inspection.Textbook;

/// <summary>The equations of one cell: one step forward and one step back, for one sequence. They hold no weights and no state.</summary>
public interface ICellEquations
{
    /// <summary>The gates in the order in which their weights are stacked, one letter each: <c>"ifgo"</c>.</summary>
    string Gates { get; }

    /// <summary>Whether a cell state c is carried beside h.</summary>
    bool HasCellState { get; }

    /// <summary>What the equations call h.</summary>
    string State => "h";

    /// <summary>What they call a gate's W_i, W_h and b; null: by the gate's letter.</summary>
    /// <param name="gate">The gate.</param>
    (string Input, string Hidden, string Bias)? NamesOf(char gate) => null;

    /// <summary>One step: every intermediate under its name.</summary>
    /// <param name="w">The weights.</param>
    /// <param name="x">x⟨t⟩, [I].</param>
    /// <param name="hPrev">h₋.</param>
    /// <param name="cPrev">c₋; null for a cell without one.</param>
    /// <param name="carry">Makes a state of the step from its value.</param>
    CellStep Forward(CellWeights w, Vector x, CarriedState hPrev, CarriedState? cPrev, Carry carry);

    /// <summary>The step's gradients: every δ and every term under its name.</summary>
    /// <param name="w">The weights.</param>
    /// <param name="s">The step, as <see cref="Forward"/> gave it.</param>
    /// <param name="dh">The terms of δh⟨t⟩ from the output and from step t + 1.</param>
    /// <param name="dc">The terms of δc⟨t⟩ from step t + 1; the cell appends the terms that arise within step t.</param>
    /// <param name="d">The gradients of the weights; this step's are added.</param>
    CellStepGradient Backward(CellWeights w, CellStep s, NamedVectors dh, NamedVectors dc, CellWeights d);

    /// <summary>How far the step's arguments are from the nearest kink (of relu or of a clip): within it the cell is smooth.</summary>
    /// <param name="s">The step.</param>
    double KinkDistance(CellStep s) => double.PositiveInfinity;
}

/// <summary>What one step computed.</summary>
/// <param name="X">x⟨t⟩.</param>
/// <param name="HPrev">h₋.</param>
/// <param name="CPrev">c₋, or null.</param>
/// <param name="H">h⟨t⟩.</param>
/// <param name="C">c⟨t⟩, or null.</param>
/// <param name="Values">Every intermediate: the arguments <c>a_i</c> …, the gates <c>i</c> …, <c>c</c>, <c>m</c>, <c>h</c> (S24).</param>
public sealed record CellStep(Vector X, CarriedState HPrev, CarriedState? CPrev, CarriedState H, CarriedState? C, NamedVectors Values)
{
    /// <summary>The intermediate of that name.</summary>
    public Vector this[string name] => Values[name];
}

/// <summary>The gradients of one step.</summary>
/// <param name="H">The terms of δh⟨t⟩ = ∂L/∂h⟨t⟩, by path.</param>
/// <param name="C">The terms of δc⟨t⟩ = ∂L/∂c⟨t⟩, by path; empty for a cell without c.</param>
/// <param name="Deltas">δ of every intermediate, by the intermediate's name; <c>a_i</c> is the error term of a gate's argument (S18).</param>
/// <param name="X">δx⟨t⟩.</param>
/// <param name="HPrev">What this step contributes to δh₋, by path.</param>
/// <param name="CPrev">What this step contributes to δc₋, by path; empty for a cell without c.</param>
public sealed record CellStepGradient(NamedVectors H, NamedVectors C, NamedVectors Deltas, Vector X, NamedVectors HPrev, NamedVectors CPrev);
