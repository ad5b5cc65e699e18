namespace Unroll.Inspection.Textbook;

/// <summary>Filters over neighboring steps and a rectifier: y⟨t⟩ = max(0, W u⟨t⟩ + b), u⟨t⟩ = [x⟨t−c⟩; …; x⟨t−c+n−1⟩], zeros outside.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="width">n.</param>
/// <param name="w">W, [filters, n · inputs].</param>
/// <param name="b">b, [filters].</param>
/// <param name="dw">The gradient of W; added to.</param>
/// <param name="db">The gradient of b; added to.</param>
internal sealed class ConvolutionEquations(string name, int width, Matrix w, Vector b, Matrix dw, Vector db) : ILayerEquations
{
    public string Name => name;
    public int Outputs => w.Rows;

    private int Inputs => w.Columns / width;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        Vector[] u = [.. x.Select((_, t) => Seen(x, t))];
        return new Run(this, u, [.. u.Select(v => w * v + b)]);
    }

    //  u⟨t⟩
    private Vector Seen(IReadOnlyList<Vector> x, int t) => new([.. Enumerable.Range(t - width / 2, width)
        .SelectMany(at => at >= 0 && at < x.Count ? x[at] : (IEnumerable<double>)new double[Inputs])]);

    private sealed class Run(ConvolutionEquations layer, Vector[] u, Vector[] z)
        : LayerRun([.. z.Select(v => new Vector([.. v.Select(one => Math.Max(0, one))]))])
    {
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
        {
            double[][] dx = [.. u.Select(_ => new double[layer.Inputs])];
            for (int t = 0; t < u.Length; t++)
            {
                //  δz⟨t⟩ = δy⟨t⟩ where z⟨t⟩ > 0
                Vector dz = new([.. dy[t].Zip(z[t], (d, own) => own > 0 ? d : 0)]);

                //  dW += δz⟨t⟩ u⟨t⟩ᵀ,  db += δz⟨t⟩
                layer.Gradients(dz, u[t]);

                //  δx⟨t−c+k⟩ += the part k of Wᵀ δz⟨t⟩
                Vector du = layer.Back(dz);
                for (int k = 0; k < layer.Width; k++)
                    if (t - layer.Width / 2 + k is >= 0 and int at && at < u.Length)
                        for (int i = 0; i < layer.Inputs; i++) dx[at][i] += du[k * layer.Inputs + i];
            }
            return [.. dx.Select(one => new Vector(one))];
        }
    }

    private int Width => width;

    private Vector Back(Vector dz) => w.T * dz;

    private void Gradients(Vector dz, Vector u)
    {
        dw.AddOuter(dz, u);
        db.Add(dz);
    }
}
