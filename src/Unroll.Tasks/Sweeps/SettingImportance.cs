using Unroll.Core;

namespace Unroll.Tasks.Sweeps;

//  R_i the rank of trial i's score, equal ones sharing the mean of their places; n trials in k groups by the setting's value
//  H = (n − 1) Σ_g n_g (R̄_g − R̄)² / Σ_i (R_i − R̄)²        ε² = (H − k + 1) / (n − k), 0 on average where the setting does nothing

/// <summary>
/// How much of the order of the trials a setting decides by itself: ε² of Kruskal and Wallis, the share of the ranks' variance that lies between the
/// setting's values, less what chance would give it. A range is cut into thirds of as many trials each. It sees no setting's effect that depends on
/// another setting's value.
/// </summary>
/// <remarks>
/// Kruskal and Wallis 1952, "Use of ranks in one-criterion variance analysis"; ε²: Kelley 1935, Tomczak and Tomczak 2014. A plain stand-in for the
/// functional analysis of variance of Hutter, Hoos and Leyton-Brown 2014, which needs a model of the scores and more trials. Ranks, because one trial
/// that went wrong would decide a variance of scores alone. The interval is by the bootstrap: trials are drawn with replacement, and the deviations
/// from the draws' mean are laid around ε². p is by permutation: how often scores dealt out at random give as much.
/// </remarks>
/// <param name="Name">The setting.</param>
/// <param name="Share">ε², from 0 to 1.</param>
/// <param name="Low">The lower end of its 95 % interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="P">The probability of such a share or more where the setting does nothing.</param>
/// <param name="Trials">n.</param>
public sealed record SettingImportance(string Name, double Share, double Low, double High, double P, int Trials)
{
    /// <summary>The fewest trials that anything is said of.</summary>
    public const int FewestTrials = 8;

    private const int Replicates = 1000, Groups = 3;

    /// <summary>Of each setting of a sweep; empty where there are fewer trials than <see cref="FewestTrials"/>.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="scores">The score of each trial, number 1 first: lower is better, +∞ for one that diverged, NaN for one that is left out.</param>
    public static IReadOnlyList<SettingImportance> Of(SweepPlan plan, IReadOnlyList<double> scores)
    {
        int[] trials = [.. Enumerable.Range(0, scores.Count).Where(i => !double.IsNaN(scores[i]))];
        if (trials.Length < FewestTrials) return [];
        double[] used = [.. trials.Select(i => scores[i])];
        return [.. plan.Space.Select((setting, d) => One(setting,
            [.. trials.Select(i => setting.Number(plan.Trials[i].Settings[d].Value))], used,
                new Rng(plan.Options.Seed).For("importance").At((ulong)d)))];
    }

    private static SettingImportance One(SweepSetting setting, double[] values, double[] scores, Rng random)
    {
        int n = scores.Length;
        int[] groups = GroupsOf(values, setting.Scale == SettingScale.Choices);
        double share = Epsilon(groups, Ranks(scores));
        double[] ranks = Ranks(scores), drawn = new double[Replicates];
        int asMuch = 0;
        int[] order = new int[n];
        for (int r = 0; r < Replicates; r++)
        {
            random.For("permutation").At((ulong)r).Permute(order);
            if (Epsilon(groups, [.. order.Select(i => ranks[i])]) >= share - 1e-12) asMuch++;
            Rng draws = random.For("bootstrap").At((ulong)r);
            int[] sample = [.. Enumerable.Range(0, n).Select(i => draws.Below(n, (ulong)i))];
            drawn[r] = Epsilon([.. sample.Select(i => groups[i])], Ranks([.. sample.Select(i => scores[i])]));
        }
        Array.Sort(drawn);
        double middle = drawn.Average();
        double At(double place) => Math.Clamp(share + drawn[(int)(place * (Replicates - 1))] - middle, 0, 1);
        return new SettingImportance(setting.Name, Math.Clamp(share, 0, 1), At(0.025), At(0.975), (1.0 + asMuch) / (1 + Replicates), n);
    }

    // Listed values and few different ones are groups of their own; else thirds of the trials by value, equal values together.
    private static int[] GroupsOf(double[] values, bool listed)
    {
        double[] distinct = [.. values.Distinct().Order()];
        if (listed || distinct.Length <= Groups) return [.. values.Select(value => Array.IndexOf(distinct, value))];
        double[] sorted = [.. values.Order()];
        return [.. values.Select(value => Array.IndexOf(sorted, value) * Groups / values.Length)];
    }

    internal static double Epsilon(int[] groups, double[] ranks)
    {
        int n = ranks.Length;
        double middle = (n + 1) / 2.0, total = ranks.Sum(rank => (rank - middle) * (rank - middle));
        var means = groups.Zip(ranks).GroupBy(one => one.First).Select(g => (Count: g.Count(), Mean: g.Average(one => one.Second))).ToArray();
        if (total == 0 || means.Length < 2 || means.Length >= n) return 0;
        double h = (n - 1) * means.Sum(g => g.Count * (g.Mean - middle) * (g.Mean - middle)) / total;
        return (h - means.Length + 1) / (n - means.Length);
    }

    private static double[] Ranks(double[] scores)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderBy(i => scores[i])];
        double[] ranks = new double[scores.Length];
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from + 1; to < order.Length && scores[order[to]] == scores[order[from]];) to++;
            for (int k = from; k < to; k++) ranks[order[k]] = (from + 1 + to) / 2.0;
        }
        return ranks;
    }
}
