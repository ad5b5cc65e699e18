namespace Unroll.Inspection.Textbook;

/// <summary>The dense layer y = W x + b, the same at every step.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="w">W, [outputs, inputs].</param>
/// <param name="b">b, [outputs].</param>
/// <param name="dw">The gradient of W; added to.</param>
/// <param name="db">The gradient of b; added to.</param>
internal sealed class DenseEquations(string name, Matrix w, Vector b, Matrix dw, Vector db) : ILayerEquations
{
    public string Name => name;
    public int Outputs => w.Rows;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(this, x);

    //  y⟨t⟩ = W x⟨t⟩ + b
    private Vector Output(Vector x) => w * x + b;

    private Vector Back(Vector x, Vector dy)
    {
        //  dW += δy xᵀ
        dw.AddOuter(dy, x);

        //  db += δy
        db.Add(dy);

        //  δx = Wᵀ δy
        return w.T * dy;
    }

    private sealed class Run(DenseEquations layer, IReadOnlyList<Vector> x) : LayerRun([.. x.Select(layer.Output)])
    {
        private readonly IReadOnlyList<Vector> _x = x;

        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => [.. _x.Zip(dy, layer.Back)];
    }
}
