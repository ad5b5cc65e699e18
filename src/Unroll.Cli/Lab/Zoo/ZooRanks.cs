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
                double[] one = RankCorrelation.Ranks([.. shares.Select(cell => cell[task][seed])]);
                for (int cell = 0; cell < one.Length; cell++) ranks[cell][task] += one[cell] / seeds;
            }
        return [.. ranks.Select(own => new ZooRank(own, PairedDifference.Of(own, new double[tasks])))];
    }
}
