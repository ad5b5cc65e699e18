namespace Unroll.Inspection.Textbook;

/// <summary>The equations of one layer, for one whole sequence.</summary>
public interface ILayerEquations
{
    /// <summary>The layer's name in the network's description.</summary>
    string Name { get; }

    /// <summary>Features of the output.</summary>
    int Outputs { get; }

    /// <summary>The layer's output for every step, and what its backward needs.</summary>
    /// <param name="x">x⟨1⟩ … x⟨T⟩; may be empty.</param>
    /// <param name="given">First states, dropout masks, a nudge.</param>
    LayerRun Forward(IReadOnlyList<Vector> x, Given given);
}

/// <summary>One layer through one sequence.</summary>
/// <param name="outputs">y⟨1⟩ … y⟨T⟩.</param>
public abstract class LayerRun(IReadOnlyList<Vector> outputs)
{
    /// <summary>y⟨1⟩ … y⟨T⟩.</summary>
    public IReadOnlyList<Vector> Outputs { get; } = outputs;

    /// <summary>Adds to the gradients of the layer's parameters.</summary>
    /// <param name="dy">δy⟨t⟩ for every step.</param>
    /// <param name="given">What forward was given.</param>
    /// <returns>δx⟨t⟩ for every step.</returns>
    public abstract IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given);
}

/// <summary>What a sequence comes with beside its inputs.</summary>
public sealed record Given
{
    /// <summary>Nothing.</summary>
    public static Given Nothing { get; } = new();

    /// <summary>First states by the names <c>"encoder.h0_l0"</c>, <c>"encoder.c0_l0_reverse"</c>; where there is none, the layer's own.</summary>
    public IReadOnlyDictionary<string, Vector> FirstStates { get; init; } = new Dictionary<string, Vector>();

    /// <summary>
    /// ∂L/∂(final state) from whatever reads it, by the names <c>"encoder.h_l0"</c>, <c>"encoder.c_l0_reverse"</c>. Each also adds its product with
    /// the final state to the loss, as if that were what reads it.
    /// </summary>
    public IReadOnlyDictionary<string, Vector> LastStateWeights { get; init; } = new Dictionary<string, Vector>();

    /// <summary>
    /// Dropout masks, a vector of 0 and 1 ÷ (1 − rate) for every step, by the layer's name, <c>"dropout"</c>; between the layers of a stack by
    /// <c>"encoder.0.dropout"</c>. Where there is none nothing is dropped, as in evaluation.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Vector>> DropoutMasks { get; init; } = new Dictionary<string, IReadOnlyList<Vector>>();

    /// <summary>
    /// Masks of dropped weights by the parameter's name: of <c>"encoder.weight_hh_l0"</c> a number of 0 and 1 ÷ (1 − rate) for each weight,
    /// row-major; of an embedding's <c>"embedding.weight"</c> one for each row. Where there is none nothing is dropped.
    /// </summary>
    public IReadOnlyDictionary<string, Vector> WeightMasks { get; init; } = new Dictionary<string, Vector>();

    /// <summary>A change of one state on one of its paths, or null.</summary>
    public Nudge? Nudge { get; init; }
}
