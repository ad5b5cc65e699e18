namespace Unroll.Tasks.Labels.Rules;

//  pₖ ← pₖ^(1/T) / Σ p^(1/T)

/// <summary>
/// Calibration by one number (Guo et al. 2017, arXiv:1706.04599): log-probabilities are divided by the temperature whose loss on held-out sequences
/// is least. No label changes; above 1 the model is less sure.
/// </summary>
internal static class Temperature
{
    private const int Steps = 60;
    private const double Lowest = 0.05, Highest = 20;

    /// <summary>The best temperature and its mean loss in nats.</summary>
    /// <param name="shares">The probabilities of each label for each sequence.</param>
    /// <param name="labels">The right ones.</param>
    public static (double Value, double Loss) Fit(IReadOnlyList<float[]> shares, IReadOnlyList<int> labels)
    {
        double[][] logs = [.. shares.Select(row => row.Select(p => Math.Log(Math.Max(p, 1e-30f))).ToArray())];
        // The loss is convex in 1/T: golden sections of ln T.
        double shrink = (Math.Sqrt(5) - 1) / 2, low = Math.Log(Lowest), high = Math.Log(Highest);
        double a = high - shrink * (high - low), b = low + shrink * (high - low);
        double atA = Loss(logs, labels, Math.Exp(a)), atB = Loss(logs, labels, Math.Exp(b));
        for (int step = 0; step < Steps; step++)
            if (atA <= atB)
            {
                (high, b, atB) = (b, a, atA);
                atA = Loss(logs, labels, Math.Exp(a = high - shrink * (high - low)));
            }
            else
            {
                (low, a, atA) = (a, b, atB);
                atB = Loss(logs, labels, Math.Exp(b = low + shrink * (high - low)));
            }
        return atA <= atB ? (Math.Exp(a), atA) : (Math.Exp(b), atB);
    }

    /// <summary>Probabilities at a temperature.</summary>
    /// <param name="shares">[classes], overwritten.</param>
    /// <param name="temperature">Above 0.</param>
    public static void Apply(Span<float> shares, double temperature)
    {
        double max = 0, sum = 0;
        foreach (float p in shares) max = Math.Max(max, p);
        double[] powers = new double[shares.Length];
        for (int k = 0; k < powers.Length; k++)
            sum += powers[k] = Math.Exp((Math.Log(Math.Max(shares[k], 1e-30f)) - Math.Log(Math.Max(max, 1e-30))) / temperature);
        for (int k = 0; k < powers.Length; k++) shares[k] = (float)(powers[k] / sum);
    }

    private static double Loss(double[][] logs, IReadOnlyList<int> labels, double temperature)
    {
        double loss = 0;
        for (int i = 0; i < logs.Length; i++)
        {
            double max = logs[i].Max(), sum = 0;
            foreach (double v in logs[i]) sum += Math.Exp((v - max) / temperature);
            loss += Math.Log(sum) - (logs[i][labels[i]] - max) / temperature;
        }
        return loss / Math.Max(1, logs.Length);
    }
}
