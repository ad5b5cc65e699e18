using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// Many to one without weights: the mean of the steps, their largest values, the middle step, or the final state of each direction. Of no steps,
/// none.
/// </summary>
/// <param name="spec">Which.</param>
/// <param name="features">Features of the input and of the output.</param>
internal sealed class PoolingEquations(LayerSpec spec, int features) : ILayerEquations
{
    public string Name => spec.Name;
    public int Outputs => features;

    //  y_k = Σₜ share⟨t⟩_k x⟨t⟩_k
    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(x, [.. x.Select((_, t) => Share(x, t))], features);

    //  mean: 1 ÷ T                max: 1 at the first step that has the largest value
    //  center: 1 at step ⌊T ÷ 2⌋
    //  final states: 1 at the last step for the forward half, 1 at the first for the reverse half
    private Vector Share(IReadOnlyList<Vector> x, int t) => new([.. Enumerable.Range(0, features).Select(k => spec switch
    {
        MeanPoolSpec => 1.0 / x.Count,
        MaxPoolSpec => t == FirstLargest(x, k) ? 1.0 : 0.0,
        CenterStepSpec => t == x.Count / 2 ? 1.0 : 0.0,
        _ => t == (k < features / 2 ? x.Count - 1 : 0) ? 1.0 : 0.0,
    })]);

    private static int FirstLargest(IReadOnlyList<Vector> x, int k) => Enumerable.Range(0, x.Count).MaxBy(t => (x[t][k], -t));

    private sealed class Run(IReadOnlyList<Vector> x, IReadOnlyList<Vector> shares, int features)
        : LayerRun(x.Count == 0 ? [] : [x.Zip(shares, (v, share) => share * v).Aggregate(Vector.Zeros(features), (sum, v) => sum + v)])
    {
        //  δx⟨t⟩ = share⟨t⟩ ⊙ δy
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => [.. shares.Select(share => share * dy[0])];
    }
}

/// <summary>Many to one by a learned query: u⟨t⟩ = tanh(W x⟨t⟩ + b), e⟨t⟩ = q · u⟨t⟩, α = softmax(e), y = Σ α⟨t⟩ x⟨t⟩.</summary>
internal sealed class AttentionPoolEquations : ILayerEquations
{
    private readonly Matrix _w, _dw;
    private readonly Vector _b, _db, _q, _dq;

    public AttentionPoolEquations(string name, TextbookParameters parameters, int inputs, int size)
    {
        (Name, Outputs) = (name, inputs);
        (_w, _dw) = parameters.Matrix($"{name}.weight", size, inputs);
        (_b, _db) = parameters.Vector($"{name}.bias", size);
        (_q, _dq) = parameters.Vector($"{name}.query", size);
    }

    public string Name { get; }
    public int Outputs { get; }

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        if (x.Count == 0) return new Run(this, x, [], [], []);
        Vector[] u = [.. x.Select(v => Functions.Tanh(_w * v + _b))];
        Vector alpha = Functions.Softmax(new Vector([.. u.Select(v => (_q * v).Sum())]));
        Vector y = Vector.Zeros(Outputs);
        for (int t = 0; t < x.Count; t++) y += alpha[t] * x[t];
        return new Run(this, x, u, alpha, [y]);
    }

    private sealed class Run(AttentionPoolEquations layer, IReadOnlyList<Vector> x, Vector[] u, IReadOnlyList<double> alpha, IReadOnlyList<Vector> y)
        : LayerRun(y)
    {
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
        {
            //  δα⟨t⟩ = δy · x⟨t⟩
            double[] dAlpha = [.. x.Select(v => (dy[0] * v).Sum())];
            double mean = alpha.Zip(dAlpha, (a, d) => a * d).Sum();
            Vector[] dx = new Vector[x.Count];
            for (int t = 0; t < x.Count; t++)
            {
                //  δe⟨t⟩ = α⟨t⟩ (δα⟨t⟩ − Σ_j α⟨j⟩ δα⟨j⟩)
                double de = alpha[t] * (dAlpha[t] - mean);

                //  δq += δe⟨t⟩ u⟨t⟩
                layer._dq.Add(de * u[t]);

                //  δa = δe⟨t⟩ q ⊙ tanh′,  a = W x⟨t⟩ + b
                Vector da = de * layer._q * Functions.TanhSlope(u[t]);
                layer._dw.AddOuter(da, x[t]);
                layer._db.Add(da);

                //  δx⟨t⟩ = α⟨t⟩ δy + Wᵀ δa
                dx[t] = alpha[t] * dy[0] + layer._w.T * da;
            }
            return dx;
        }
    }
}
