namespace Unroll.Tasks.Data.Baselines;

/// <summary>
/// The downhill simplex of Nelder and Mead 1965, "A simplex method for function minimization": least values of functions of a few numbers without
/// derivatives. The same steps each time.
/// </summary>
internal static class NelderMead
{
    /// <summary>Minimizes a function.</summary>
    /// <param name="value">The function; what is not finite counts as infinite.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="size">The edge of the first simplex.</param>
    /// <param name="evaluations">At most about so many values are computed.</param>
    /// <returns>The best point, and its value.</returns>
    internal static (double[] Point, double Value) Minimize(Func<double[], double> value, double[] start, double size, int evaluations)
    {
        int n = start.Length;
        double At(double[] point) => value(point) is var v && double.IsFinite(v) ? v : double.PositiveInfinity;
        if (n == 0) return (start, At(start));
        double[][] points = new double[n + 1][];
        double[] values = new double[n + 1];
        for (int i = 0; i <= n; i++)
        {
            points[i] = [.. start];
            if (i > 0) points[i][i - 1] += size;
            values[i] = At(points[i]);
        }
        for (int used = n + 1; used < evaluations; used++)
        {
            Array.Sort(values, points);
            if (values[n] - values[0] <= 1e-9 * Math.Abs(values[0])) break;
            double[] reflected = Between(points, n, -1);
            double found = At(reflected);
            if (found < values[0])
            {
                double[] further = Between(points, n, -2);
                double better = At(further);
                used++;
                (points[n], values[n]) = better < found ? (further, better) : (reflected, found);
            }
            else if (found < values[n - 1]) (points[n], values[n]) = (reflected, found);
            else
            {
                double[] nearer = Between(points, n, found < values[n] ? -0.5 : 0.5);
                double less = At(nearer);
                used++;
                if (less < Math.Min(found, values[n])) (points[n], values[n]) = (nearer, less);
                else used += Shrink(points, values, At);
            }
        }
        Array.Sort(values, points);
        return (points[0], values[0]);
    }

    // c + share · (worst − c), with c the middle of all points but the worst
    private static double[] Between(double[][] points, int worst, double share)
    {
        double[] point = new double[worst];
        for (int k = 0; k < point.Length; k++)
        {
            double middle = 0;
            for (int i = 0; i < worst; i++) middle += points[i][k] / worst;
            point[k] = middle + share * (points[worst][k] - middle);
        }
        return point;
    }

    private static int Shrink(double[][] points, double[] values, Func<double[], double> at)
    {
        for (int i = 1; i < points.Length; i++)
        {
            for (int k = 0; k < points[i].Length; k++) points[i][k] = (points[0][k] + points[i][k]) / 2;
            values[i] = at(points[i]);
        }
        return points.Length - 1;
    }
}
