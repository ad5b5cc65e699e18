using Unroll.Inspection.Textbook;

namespace Unroll.Inspection;

/// <summary>What a layer of one's own should compute, in double: the oracle that <see cref="GradientCheckOfLayer"/> measures it by.</summary>
public interface IGradientReference
{
    /// <summary>The outputs of one sequence.</summary>
    /// <param name="parameters">Values by the names in the layer's store.</param>
    /// <param name="x">x⟨1⟩ … x⟨T⟩.</param>
    IReadOnlyList<Vector> Outputs(TextbookParameters parameters, IReadOnlyList<Vector> x);

    /// <summary>
    /// Adds ∂(Σ dy ⊙ outputs)/∂(value) to the parameters' gradients and returns ∂/∂x; null where the reference knows its forward alone, whose central
    /// differences then take the place of its gradients.
    /// </summary>
    /// <param name="parameters">Values, and gradients to be added to.</param>
    /// <param name="x">x⟨1⟩ … x⟨T⟩.</param>
    /// <param name="dy">One for every step.</param>
    IReadOnlyList<Vector>? Backward(TextbookParameters parameters, IReadOnlyList<Vector> x, IReadOnlyList<Vector> dy) => null;
}
