namespace Unroll.Inspection.Textbook;

/// <summary>Inverted dropout with a given mask of 0 and 1 ÷ (1 − rate); without a mask nothing is dropped.</summary>
/// <param name="name">The layer's name, and the mask's in <see cref="Given.DropoutMasks"/>.</param>
/// <param name="features">Features of the input and of the output.</param>
internal sealed class DropoutEquations(string name, int features) : ILayerEquations
{
    public string Name => name;
    public int Outputs => features;

    //  y⟨t⟩ = mask⟨t⟩ ⊙ x⟨t⟩
    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(Masked(x, given), this);

    //  δx⟨t⟩ = mask⟨t⟩ ⊙ δy⟨t⟩: the same sentence
    private IReadOnlyList<Vector> Masked(IReadOnlyList<Vector> values, Given given) =>
        given.DropoutMasks.TryGetValue(name, out IReadOnlyList<Vector>? mask) ? [.. values.Zip(mask, (v, m) => m * v)] : values;

    private sealed class Run(IReadOnlyList<Vector> outputs, DropoutEquations layer) : LayerRun(outputs)
    {
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => layer.Masked(dy, given);
    }
}
