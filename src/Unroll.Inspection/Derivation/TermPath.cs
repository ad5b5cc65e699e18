using Unroll.Cells.Definitions;
using Unroll.Inspection.Textbook;

namespace Unroll.Inspection.Derivation;

/// <summary>What the terms of a derived gradient are called.</summary>
internal static class TermPath
{
    /// <summary>Before the quantity whose equation reads it.</summary>
    public const string Through = "through ";

    //  h₋ in h = (1 − z) ⊙ n + z ⊙ h₋ is direct, in h = tanh(W x + U h₋ + b) it is the next step, in z = σ(W_z x + U_z h₋ + b_z) it is through z

    /// <summary>By what path a term arrives: through the equation of the definition that reads it.</summary>
    /// <param name="derivation">Of which cell.</param>
    /// <param name="of">Of what the gradient is.</param>
    /// <param name="term">The term.</param>
    public static string Of(CellDerivation derivation, CellExpression of, GradientTerm term)
    {
        string owner = derivation[term.Through].Owner;
        if (of is not PreviousExpression previous || owner != previous.State) return Through + owner;
        return term.Through == owner && !term.IsProduct ? Paths.Direct : Paths.Next;
    }
}
