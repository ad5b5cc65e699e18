namespace Unroll.Inspection.Textbook;

/// <summary>Layer normalization: x̂ = (x − μ) ρ, ρ = 1 ÷ √(σ² + ε), y = g ⊙ x̂ + b, the same at every step.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="g">g.</param>
/// <param name="b">b.</param>
/// <param name="dg">The gradient of g; added to.</param>
/// <param name="db">The gradient of b; added to.</param>
/// <param name="epsilon">ε.</param>
internal sealed class LayerNormEquations(string name, Vector g, Vector b, Vector dg, Vector db, double epsilon) : ILayerEquations
{
    public string Name => name;
    public int Outputs => g.Count;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(this, x);

    private (Vector Normal, double Rho) Normalize(Vector x)
    {
        //  μ = mean x      σ² = mean (x − μ)²
        double mu = x.Sum() / x.Count;
        Vector centered = x.Map(xk => xk - mu);
        double rho = 1 / Math.Sqrt((centered * centered).Sum() / x.Count + epsilon);
        return (rho * centered, rho);
    }

    private Vector Back(Vector x, Vector dy)
    {
        (Vector normal, double rho) = Normalize(x);

        //  δg += δy ⊙ x̂      δb += δy      δx̂ = g ⊙ δy
        dg.Add(dy * normal);
        db.Add(dy);
        Vector d = g * dy;

        //  δx = ρ (δx̂ − mean δx̂ − x̂ mean(δx̂ ⊙ x̂)):  μ and σ² are functions of every x
        double mean = d.Sum() / d.Count, along = (d * normal).Sum() / d.Count;
        return rho * (d.Map(dk => dk - mean) - along * normal);
    }

    private sealed class Run(LayerNormEquations layer, IReadOnlyList<Vector> x)
        : LayerRun([.. x.Select(v => layer.G * layer.Normalize(v).Normal + layer.B)])
    {
        private readonly IReadOnlyList<Vector> _x = x;

        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => [.. _x.Zip(dy, layer.Back)];
    }

    private Vector G => g;

    private Vector B => b;
}
