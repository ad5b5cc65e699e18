using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Derivation;

//  L = Σ ½ y²      ∂ℓ/∂y = y

/// <summary>
/// A definition in numbers: a layer of a few units over a few steps from its first states, with half the sum of the squares of its output as the loss,
/// and every value and every term of every gradient by its name in the printed derivation.
/// </summary>
public sealed partial class CellNumbers
{
    /// <summary>Of which cell.</summary>
    public CellDerivation Derivation { get; }

    /// <summary>The input of each step.</summary>
    public IReadOnlyList<IReadOnlyList<double>> X { get; }

    /// <summary>Every parameter, in the order of the definition.</summary>
    public IReadOnlyList<NumbersParameter> Parameters { get; }

    /// <summary>x, the states of the step before and every quantity, in the order of computation.</summary>
    public IReadOnlyList<NumbersRow> Forward { get; }

    /// <summary>The terms of δ of every quantity, in the order of computation, and δx last; of several terms also their sum.</summary>
    public IReadOnlyList<NumbersRow> Backward { get; }

    /// <summary>The gradients of the parameters over all steps, in their order.</summary>
    public IReadOnlyList<NumbersParameter> Gradients { get; }

    /// <summary>L.</summary>
    public double Loss { get; }
}
