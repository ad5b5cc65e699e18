namespace Unroll.Cli.Lab.Statistics;

//  d_s = a_s − b_s        t = d̄ / (σ_d / √n), n − 1 degrees of freedom        interval: d̄ ± t₀.₉₅ σ_d / √n
//  all d_s the same: the sign test, p = 2¹⁻ⁿ

/// <summary>The difference between two methods, run by run with the same seeds: Student's paired test.</summary>
/// <param name="Mean">d̄.</param>
/// <param name="Low">The lower end of the 95 % confidence interval of the mean; −∞ with fewer than 2 pairs.</param>
/// <param name="High">The upper end; ∞ with fewer than 2 pairs.</param>
/// <param name="P">The probability of a difference this large, in either direction, if there is none; 1 with fewer than 2 pairs.</param>
/// <param name="Pairs">n.</param>
internal sealed record PairedDifference(double Mean, double Low, double High, double P, int Pairs)
{
    /// <summary>Compares pair by pair.</summary>
    /// <exception cref="ArgumentException">There are none, or not as many of the one as of the other.</exception>
    internal static PairedDifference Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        int n = a.Count;
        if (n == 0 || b.Count != n) throw new ArgumentException($"expected pairs, got {n} and {b.Count} values", nameof(b));
        double[] differences = [.. a.Zip(b, (x, y) => x - y)];
        double mean = differences.Average();
        if (n == 1) return new(mean, double.NegativeInfinity, double.PositiveInfinity, 1, 1);
        double error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1) / n);
        if (error == 0) return new(mean, mean, mean, mean == 0 ? 1 : Math.Pow(2, 1 - n), n);           // t knows nothing of values that are counts
        double reach = StudentT.Quantile(0.95, n - 1) * error;
        return new(mean, mean - reach, mean + reach, 1 - StudentT.Within(Math.Abs(mean) / error, n - 1), n);
    }
}

//  p₍₁₎ ≤ … ≤ p₍ₘ₎        adjusted p₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) p₍ⱼ₎)

/// <summary>Holm's correction for several tests at once (Holm 1979): the chance of even one false finding stays below the level.</summary>
internal static class Holm
{
    /// <summary>The corrected probabilities, in the order of those given.</summary>
    internal static double[] Correct(IReadOnlyList<double> p)
    {
        int[] order = [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
        double[] corrected = new double[p.Count];
        double adjusted = 0;
        for (int i = 0; i < order.Length; i++)
        {
            adjusted = Math.Max(adjusted, Math.Min(1, (order.Length - i) * p[order[i]]));
            corrected[order[i]] = adjusted;
        }
        return corrected;
    }
}
