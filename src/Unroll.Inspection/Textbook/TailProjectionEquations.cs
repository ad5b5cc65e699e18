namespace Unroll.Inspection.Textbook;

/// <summary>The first features of a step pass, the rest weight the rows of a table: y = (a, Eᵀ c) of x = (a, c).</summary>
/// <param name="name">The layer's name.</param>
/// <param name="kept">Features of a.</param>
/// <param name="e">E, [features of c, size].</param>
/// <param name="de">The gradient of E; added to.</param>
internal sealed class TailProjectionEquations(string name, int kept, Matrix e, Matrix de) : ILayerEquations
{
    public string Name => name;
    public int Outputs => kept + e.Columns;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(this, x);

    //  y⟨t⟩ = (a⟨t⟩, Eᵀ c⟨t⟩)
    private Vector Output(Vector x) => Join(x.Part(0, kept), e.T * x.Part(kept, x.Count - kept));

    private Vector Back(Vector x, Vector dy)
    {
        Vector a = dy.Part(0, kept), rest = dy.Part(kept, dy.Count - kept);

        //  dE += c δrestᵀ
        de.AddOuter(x.Part(kept, x.Count - kept), rest);

        //  δx = (δa, E δrest)
        return Join(a, e * rest);
    }

    private static Vector Join(Vector first, Vector second) => new([.. first, .. second]);

    private sealed class Run(TailProjectionEquations layer, IReadOnlyList<Vector> x) : LayerRun([.. x.Select(layer.Output)])
    {
        private readonly IReadOnlyList<Vector> _x = x;

        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => [.. _x.Zip(dy, layer.Back)];
    }
}
