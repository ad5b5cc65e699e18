using Unroll.Cli.Lab.Statistics;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>A cell on one task, or on all of them, against the cell that all are compared with.</summary>
/// <param name="Difference">Its error less the other's, paired by seed, as shares of the baseline's.</param>
/// <param name="Corrected">p after Holm's correction for all cells of the task.</param>
internal sealed record ZooDifference(PairedDifference Difference, double Corrected)
{
    private const double Level = 0.05;

    /// <summary><c>better</c> or <c>worse</c> where a difference was found, else nothing.</summary>
    internal string Word => !(Corrected < Level) ? "" : Difference.Mean < 0 ? "better" : "worse";

    /// <summary>Of every cell against one of them; null for that one itself.</summary>
    /// <param name="shares">[cell][seed].</param>
    /// <param name="reference">The one.</param>
    internal static IReadOnlyList<ZooDifference?> Of(IReadOnlyList<IReadOnlyList<double>> shares, int reference)
    {
        int[] others = [.. Enumerable.Range(0, shares.Count).Where(c => c != reference)];
        PairedDifference[] differences = [.. others.Select(c => PairedDifference.Of(shares[c], shares[reference]))];
        double[] corrected = Holm.Correct([.. differences.Select(difference => difference.P)]);
        ZooDifference?[] all = new ZooDifference?[shares.Count];
        for (int i = 0; i < others.Length; i++) all[others[i]] = new ZooDifference(differences[i], corrected[i]);
        return all;
    }
}

/// <summary>The ranks of a cell: 1 is the lowest error.</summary>
/// <param name="Tasks">On each task, the mean over the seeds.</param>
/// <param name="Mean">Their mean, with Student's interval over the tasks.</param>
internal sealed record ZooRank(IReadOnlyList<double> Tasks, PairedDifference Mean)
{
    /// <summary>Of every cell.</summary>
    /// <param name="shares">[cell][task][seed].</param>
    internal static IReadOnlyList<ZooRank> Of(IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> shares)
    {
        int tasks = shares[0].Count, seeds = shares[0][0].Count;
        double[][] ranks = [.. shares.Select(_ => new double[tasks])];
        for (int task = 0; task < tasks; task++)
            for (int seed = 0; seed < seeds; seed++)
            {
                double[] one = Ranks([.. shares.Select(cell => cell[task][seed])]);
                for (int cell = 0; cell < one.Length; cell++) ranks[cell][task] += one[cell] / seeds;
            }
        return [.. ranks.Select(own => new ZooRank(own, PairedDifference.Of(own, new double[tasks])))];
    }

    /// <summary>1 for the smallest; equal values share the mean of their places.</summary>
    internal static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(value => values.Count(other => other < value) + (1 + values.Count(other => other == value)) / 2.0)];
}

/// <summary>Spearman's correlation of two lists: that of their ranks.</summary>
/// <param name="Rho">In −1 … 1.</param>
/// <param name="P">Of no monotone relation, by Student's t with n − 2 degrees of freedom; 1 with fewer than 4 pairs.</param>
internal sealed record RankCorrelation(double Rho, double P)
{
    private const int Fewest = 4;

    internal static RankCorrelation Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double[] x = ZooRank.Ranks(a), y = ZooRank.Ranks(b);
        double middle = (x.Length + 1) / 2.0;
        double Sum(double[] u, double[] v) => u.Zip(v, (p, q) => (p - middle) * (q - middle)).Sum();
        double size = Math.Sqrt(Sum(x, x) * Sum(y, y)), rho = size == 0 ? 0 : Math.Clamp(Sum(x, y) / size, -1, 1);
        int freedom = x.Length - 2;
        return new RankCorrelation(rho, x.Length < Fewest ? 1 : 1 - StudentT.Within(Math.Abs(rho) * Math.Sqrt(freedom / (1 - rho * rho)), freedom));
    }
}
