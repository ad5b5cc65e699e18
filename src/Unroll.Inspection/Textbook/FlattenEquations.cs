namespace Unroll.Inspection.Textbook;

/// <summary>Many to one: all steps of a sequence one below the other, the rest 0; of a sequence without steps, none.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="features">Features of the input.</param>
/// <param name="steps">Steps that there is a place for.</param>
internal sealed class FlattenEquations(string name, int features, int steps) : ILayerEquations
{
    public string Name => name;
    public int Outputs => steps * features;

    //  y = [x⟨1⟩; …; x⟨T⟩; 0; …; 0]
    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) =>
        new Run(x.Count == 0 ? [] : [new([.. x.SelectMany(v => v), .. new double[(steps - x.Count) * features]])], x.Count, features);

    private sealed class Run(IReadOnlyList<Vector> outputs, int steps, int features) : LayerRun(outputs)
    {
        //  δx⟨t⟩ = the part of δy that stands at t
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) =>
            [.. Enumerable.Range(0, steps).Select(t => new Vector([.. dy[0].Skip(t * features).Take(features)]))];
    }
}
