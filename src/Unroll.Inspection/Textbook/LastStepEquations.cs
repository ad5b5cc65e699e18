namespace Unroll.Inspection.Textbook;

/// <summary>Many to one: of a sequence the last step alone; of a sequence without steps, none.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="features">Features of the input and of the output.</param>
internal sealed class LastStepEquations(string name, int features) : ILayerEquations
{
    public string Name => name;
    public int Outputs => features;

    //  y⟨1⟩ = x⟨T⟩
    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run([.. x.TakeLast(1)], x.Count, features);

    private sealed class Run(IReadOnlyList<Vector> outputs, int steps, int features) : LayerRun(outputs)
    {
        //  δx⟨T⟩ = δy⟨1⟩, and 0 before it
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) =>
            [.. Enumerable.Range(1, steps).Select(t => t == steps ? dy[0] : Vector.Zeros(features))];
    }
}
