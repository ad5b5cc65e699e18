// README: double
using Unroll.Inspection;
using Unroll.Inspection.Textbook;

/// <summary>The same equations in double, one step after the other, with their backward.</summary>
public sealed class MinimalGatedUnitInDouble : IGradientReference
{
    private sealed record Step(Vector X, Vector Before, Vector F, Vector N, Vector H);

    public IReadOnlyList<Vector> Outputs(TextbookParameters parameters, IReadOnlyList<Vector> x) => [.. Run(parameters, x).Select(step => step.H)];

    public IReadOnlyList<Vector> Backward(TextbookParameters parameters, IReadOnlyList<Vector> x, IReadOnlyList<Vector> dy)
    {
        List<Step> steps = Run(parameters, x);
        Vector[] dx = new Vector[x.Count];
        Vector dh = Vector.Zeros(Hidden(parameters));
        for (int t = x.Count - 1; t >= 0; t--)
        {
            (Vector xt, Vector before, Vector f, Vector n, _) = steps[t];
            dh += dy[t];
            Vector dan = dh * f * (1 - n * n), dfh = Transposed(parameters, "weight_hh_l0", 1, dan, before.Count);
            Vector daf = (dh * (n - before) + dfh * before) * f * (1 - f);
            dx[t] = Transposed(parameters, "weight_ih_l0", 0, daf, xt.Count) + Transposed(parameters, "weight_ih_l0", 1, dan, xt.Count);
            dh = dh * (1 - f) + dfh * f + Transposed(parameters, "weight_hh_l0", 0, daf, before.Count);
            AddOuter(parameters, 0, daf, xt, before);
            AddOuter(parameters, 1, dan, xt, f * before);
        }
        return dx;
    }

    private static List<Step> Run(TextbookParameters parameters, IReadOnlyList<Vector> x)
    {
        List<Step> steps = [];
        Vector h = Vector.Zeros(Hidden(parameters));
        foreach (Vector xt in x)
        {
            Vector before = h, f = Argument(parameters, 0, xt, before).Map(a => 1 / (1 + Math.Exp(-a)));
            Vector n = Argument(parameters, 1, xt, f * before).Map(Math.Tanh);
            h = (1 - f) * before + f * n;
            steps.Add(new Step(xt, before, f, n, h));
        }
        return steps;
    }

    //  a = b_ih + b_hh + W_ih x + W_hh s      the rows of gate 0 (f) or gate 1 (n)
    private static Vector Argument(TextbookParameters p, int gate, Vector x, Vector s)
    {
        int hidden = Hidden(p);
        return new Vector([.. Enumerable.Range(gate * hidden, hidden).Select(row =>
            p.Values["bias_ih_l0"][row] + p.Values["bias_hh_l0"][row] + Dot(p.Values["weight_ih_l0"], row, x) + Dot(p.Values["weight_hh_l0"], row, s))]);
    }

    private static double Dot(double[] weights, int row, Vector v) => v.Select((value, k) => weights[row * v.Count + k] * value).Sum();

    private static Vector Transposed(TextbookParameters p, string name, int gate, Vector da, int columns) =>
        new([.. Enumerable.Range(0, columns).Select(k => da.Select((d, u) => p.Values[name][(gate * da.Count + u) * columns + k] * d).Sum())]);

    private static void AddOuter(TextbookParameters p, int gate, Vector da, Vector x, Vector s)
    {
        for (int u = 0; u < da.Count; u++)
        {
            int row = gate * da.Count + u;
            p.Gradients["bias_ih_l0"][row] += da[u];
            p.Gradients["bias_hh_l0"][row] += da[u];
            for (int k = 0; k < x.Count; k++) p.Gradients["weight_ih_l0"][row * x.Count + k] += da[u] * x[k];
            for (int k = 0; k < s.Count; k++) p.Gradients["weight_hh_l0"][row * s.Count + k] += da[u] * s[k];
        }
    }

    private static int Hidden(TextbookParameters p) => p.Values["bias_ih_l0"].Length / 2;
}
// end
