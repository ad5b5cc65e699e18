namespace Unroll.Tasks.Labels.Rules;

//  d = −H g, H from the last pairs s = x − x₋, y = g − g₋ (two loops)      x ← x + a d, a halved until E falls by 10⁻⁴ a g·d at least

/// <summary>The minimum of a smooth function of many numbers by limited-memory BFGS (Liu and Nocedal 1989).</summary>
internal static class Lbfgs
{
    private const int Memory = 8, MostHalvings = 30;

    /// <summary>The value at a point, and its gradient, overwritten.</summary>
    public delegate double Function(double[] x, double[] gradient);

    /// <summary>Goes down from a point.</summary>
    /// <param name="x">Where it begins; overwritten with where it ends.</param>
    /// <param name="function">What is minimized; convex for the end to be the minimum.</param>
    /// <param name="tolerance">It ends where no element of the gradient is larger.</param>
    /// <param name="most">It ends after so many steps.</param>
    public static void Minimize(double[] x, Function function, double tolerance, int most)
    {
        int n = x.Length;
        double[] g = new double[n], next = new double[n], gNext = new double[n];
        List<(double[] S, double[] Y, double PerSy)> pairs = [];
        double value = function(x, g);
        for (int step = 0; step < most && Largest(g) > tolerance; step++)
        {
            double[] d = Direction(g, pairs);
            double slope = Dot(g, d), length = pairs.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(Dot(g, g))) : 1, found = value;
            int halvings = 0;
            for (; halvings < MostHalvings; halvings++, length /= 2)
            {
                for (int i = 0; i < n; i++) next[i] = x[i] + length * d[i];
                found = function(next, gNext);
                if (found <= value + 1e-4 * length * slope) break;
            }
            if (halvings == MostHalvings) return;                        // as low as rounding lets it get
            double[] s = new double[n], y = new double[n];
            for (int i = 0; i < n; i++) (s[i], y[i]) = (next[i] - x[i], gNext[i] - g[i]);
            double sy = Dot(s, y);
            if (sy > 1e-12 * Dot(y, y)) pairs.Add((s, y, 1 / sy));
            if (pairs.Count > Memory) pairs.RemoveAt(0);
            next.CopyTo(x, 0);
            (g, gNext, value) = (gNext, g, found);
        }
    }

    private static double[] Direction(double[] g, List<(double[] S, double[] Y, double PerSy)> pairs)
    {
        double[] q = [.. g.Select(v => -v)], a = new double[pairs.Count];
        for (int j = pairs.Count - 1; j >= 0; j--) AddScaled(pairs[j].Y, -(a[j] = pairs[j].PerSy * Dot(pairs[j].S, q)), q);
        if (pairs.Count > 0)
        {
            double scale = 1 / (pairs[^1].PerSy * Dot(pairs[^1].Y, pairs[^1].Y));
            for (int i = 0; i < q.Length; i++) q[i] *= scale;
        }
        for (int j = 0; j < pairs.Count; j++) AddScaled(pairs[j].S, a[j] - pairs[j].PerSy * Dot(pairs[j].Y, q), q);
        return q;
    }

    private static void AddScaled(double[] x, double factor, double[] into)
    {
        for (int i = 0; i < x.Length; i++) into[i] += factor * x[i];
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double Largest(double[] g)
    {
        double largest = 0;
        foreach (double v in g) largest = Math.Max(largest, Math.Abs(v));
        return largest;
    }
}
