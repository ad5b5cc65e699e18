namespace Unroll.Cli.Lab.Statistics;

/// <summary>Spearman's correlation of two lists: that of their ranks.</summary>
/// <param name="Rho">In −1 … 1.</param>
/// <param name="P">Of no monotone relation, by Student's t with n − 2 degrees of freedom; 1 with fewer than 4 pairs.</param>
internal sealed record RankCorrelation(double Rho, double P)
{
    private const int Fewest = 4;

    internal static RankCorrelation Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double[] x = Ranks(a), y = Ranks(b);
        double middle = (x.Length + 1) / 2.0;
        double Sum(double[] u, double[] v) => u.Zip(v, (p, q) => (p - middle) * (q - middle)).Sum();
        double size = Math.Sqrt(Sum(x, x) * Sum(y, y)), rho = size == 0 ? 0 : Math.Clamp(Sum(x, y) / size, -1, 1);
        int freedom = x.Length - 2;
        return new RankCorrelation(rho, x.Length < Fewest ? 1 : 1 - StudentT.Within(Math.Abs(rho) * Math.Sqrt(freedom / (1 - rho * rho)), freedom));
    }

    /// <summary>1 for the smallest; equal values share the mean of their places.</summary>
    internal static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(value => values.Count(other => other < value) + (1 + values.Count(other => other == value)) / 2.0)];
}
