using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>A linear path around a network: y = z + W v, v the network's input step after step, and with pairs every x⟨t⟩ x⟨t+1⟩ᵀ after it.</summary>
/// <param name="spec">Steps and pairs.</param>
/// <param name="source">Features of the network's input.</param>
/// <param name="w">W, [scores, places].</param>
/// <param name="dw">Its gradient; added to.</param>
internal sealed class WideEquations(WideSpec spec, int source, Matrix w, Matrix dw) : ILayerEquations
{
    public string Name => spec.Name;
    public int Outputs => w.Rows;

    /// <summary>Columns of W.</summary>
    public static int Places(WideSpec spec, int source) => spec.Steps * source + (spec.Pairs ? (spec.Steps - 1) * source * source : 0);

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) =>
        throw new NotSupportedException($"layer '{Name}' needs the network's input.");

    public LayerRun Forward(IReadOnlyList<Vector> z, IReadOnlyList<Vector> x)
    {
        double[] v = new double[Places(spec, source)];
        foreach ((int place, int t, int i, int? j) in Terms(x.Count)) v[place] = x[t][i] * (j is { } other ? x[t + 1][other] : 1);
        return new Run(this, x, new Vector(v), [.. z.Select(one => one + w * new Vector(v))]);
    }

    // Each place of v: x⟨t⟩_i, or x⟨t⟩_i x⟨t+1⟩_j.
    private IEnumerable<(int Place, int T, int I, int? J)> Terms(int steps)
    {
        for (int t = 0; t < steps; t++)
            for (int i = 0; i < source; i++) yield return (t * source + i, t, i, null);
        for (int t = 0; spec.Pairs && t + 1 < steps; t++)
            for (int i = 0; i < source; i++)
                for (int j = 0; j < source; j++) yield return (spec.Steps * source + (t * source + i) * source + j, t, i, j);
    }

    internal sealed class Run(WideEquations layer, IReadOnlyList<Vector> x, Vector v, IReadOnlyList<Vector> y) : LayerRun(y)
    {
        /// <summary>∂L/∂x⟨t⟩ by way of this layer.</summary>
        public IReadOnlyList<Vector> DSource { get; private set; } = [];

        //  δz = δy      dW += δy vᵀ      δv = Wᵀ δy      δx⟨t⟩_i += δv x⟨t+1⟩_j,  δx⟨t+1⟩_j += δv x⟨t⟩_i
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
        {
            double[][] dx = [.. x.Select(one => new double[one.Count])];
            foreach (Vector d in dy) layer.Back(d, x, v, dx);
            DSource = [.. dx.Select(one => new Vector(one))];
            return dy;
        }
    }

    private void Back(Vector dy, IReadOnlyList<Vector> x, Vector v, double[][] dx)
    {
        dw.AddOuter(dy, v);
        Vector dv = w.T * dy;
        foreach ((int place, int t, int i, int? j) in Terms(x.Count))
        {
            dx[t][i] += dv[place] * (j is { } other ? x[t + 1][other] : 1);
            if (j is { } next) dx[t + 1][next] += dv[place] * x[t][i];
        }
    }
}
