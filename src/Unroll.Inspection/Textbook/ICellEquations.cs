using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Textbook;

/// <summary>The equations of one cell: one step forward and one step back, for one sequence. They hold no weights and no state.</summary>
public interface ICellEquations
{
    /// <summary>The gates in the order in which their weights are stacked, one letter each: <c>"ifgo"</c>; empty where none are.</summary>
    string Gates { get; }

    /// <summary>What is carried from step to step: <c>"h"</c>, or <c>"h", "c"</c>; the one that is the layer's output first.</summary>
    IReadOnlyList<string> States { get; }

    /// <summary>What the layer's output is: the first state, or a quantity that is no state.</summary>
    string Output => States[0];

    /// <summary>
    /// Where the parameters lie; by default stacked gate by gate in <c>weight_ih</c>, <c>weight_hh</c>, <c>bias_ih</c>, <c>bias_hh</c>.
    /// </summary>
    DefinedLayout Layout => StackedLayout.Of(Gates);

    /// <summary>How many numbers a state or the output has.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="units">The units of the layer.</param>
    int WidthOf(string name, int units) => units;

    /// <summary>The first value of a state, in every unit, where the layer has none of its own.</summary>
    /// <param name="state">Its name.</param>
    double InitialOf(string state) => 0;

    /// <summary>One step: every intermediate under its name.</summary>
    /// <param name="w">The weights.</param>
    /// <param name="x">x⟨t⟩, [I].</param>
    /// <param name="before">The states of the step before: h₋, c₋.</param>
    /// <param name="carry">Makes a state of the step, or its output, from its value.</param>
    CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry);

    /// <summary>The step's gradients: every δ and every term under its name.</summary>
    /// <param name="w">The weights.</param>
    /// <param name="s">The step, as <see cref="Forward"/> gave it.</param>
    /// <param name="arriving">
    /// For each state and the output the terms of its δ from what lies above and from step t + 1; the cell appends those that arise within step t.
    /// </param>
    /// <param name="d">The gradients of the weights; this step's are added.</param>
    CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d);
}

/// <summary>What one step computed.</summary>
/// <param name="X">x⟨t⟩.</param>
/// <param name="Before">The states of the step before.</param>
/// <param name="After">The states of this step, and its output where that is no state.</param>
/// <param name="Values">Every intermediate: the arguments <c>a_i</c> …, the gates <c>i</c> …, <c>c</c>, <c>m</c>, <c>h</c> (S24).</param>
public sealed record CellStep(
    Vector X, IReadOnlyDictionary<string, CarriedState> Before, IReadOnlyDictionary<string, CarriedState> After, NamedVectors Values)
{
    /// <summary>
    /// How far the step's arguments are from the nearest kink (of relu or of a clip), or from where a derivative has no bound: within it the cell is
    /// smooth.
    /// </summary>
    public double KinkDistance { get; init; } = double.PositiveInfinity;

    /// <summary>The intermediate of that name.</summary>
    public Vector this[string name] => Values[name];
}

/// <summary>The gradients of one step.</summary>
/// <param name="Terms">
/// For each state and the output, and for whatever else the cell names terms of, the terms of its δ by path: of δh⟨t⟩ = ∂L/∂h⟨t⟩, δc⟨t⟩ = ∂L/∂c⟨t⟩.
/// </param>
/// <param name="Deltas">δ of every intermediate, by the intermediate's name; <c>a_i</c> is the error term of a gate's argument (S18).</param>
/// <param name="X">δx⟨t⟩.</param>
/// <param name="Before">For each state what this step contributes to its δ one step before, by path.</param>
public sealed record CellStepGradient(
    IReadOnlyDictionary<string, NamedVectors> Terms, NamedVectors Deltas, Vector X, IReadOnlyDictionary<string, NamedVectors> Before);
