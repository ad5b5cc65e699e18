using Unroll.Cli.Lab.Compare;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>The result of one training run.</summary>
/// <param name="Share">The error on the test sequences, as a share of the baseline's: 1 nothing learned, 0 perfect.</param>
/// <param name="Accuracy">The share of right answers there; null where answers are numbers.</param>
/// <param name="Best">The update whose weights were best on the validation sequences; 0: those of the start.</param>
/// <param name="Curve">The validation error at every look, as a share of the baseline's.</param>
internal sealed record ZooOutcome(double Share, double? Accuracy, int Best, IReadOnlyList<double> Curve);

/// <summary>A cell on a task: its size, its rate, and the training runs that are reported.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Problem">The task.</param>
/// <param name="Hidden">Its units.</param>
/// <param name="Parameters">Of the whole network.</param>
/// <param name="Tuning">The validation error at each of <see cref="ZooPlan.Rates"/>, as a share of the baseline's.</param>
/// <param name="Rate">The rate with the lowest of them.</param>
/// <param name="Outcomes">In the order of the seeds.</param>
/// <param name="Decay">Of the first seed; null on the other tasks than the one that it is measured on.</param>
internal sealed record ZooResult(LabNamedCell Cell, ISequenceProblem Problem, int Hidden, long Parameters, IReadOnlyList<double> Tuning, double Rate,
    IReadOnlyList<ZooOutcome> Outcomes, ZooDecay? Decay)
{
    internal IReadOnlyList<double> Shares => field ??= [.. Outcomes.Select(outcome => outcome.Share)];

    internal double Share => Shares.Average();

    internal double? Accuracy => Outcomes.Average(outcome => outcome.Accuracy);

    /// <summary>The mean curve of the seeds.</summary>
    internal IReadOnlyList<double> Curve => [.. Enumerable.Range(0, Outcomes[0].Curve.Count).Select(k => Outcomes.Average(one => one.Curve[k]))];
}

/// <summary>Trains the cells, all in the same way.</summary>
internal static class ZooTraining
{
    /// <summary>One cell on one task: the rate is chosen by a seed of its own, then come the seeds that are reported.</summary>
    internal static ZooResult Of(ZooPlan plan, ISequenceProblem problem, LabNamedCell cell, bool decay, ulong seed, ThreadTeam alone)
    {
        int hidden = Units(plan, problem, cell);
        double[] tuning = [.. plan.Rates.Select(rate =>
            plan.TuningOf(seed).Average(own => Tune(plan, problem, cell, hidden, rate, own, alone)))];
        double best = plan.Rates[Array.IndexOf(tuning, tuning.Min())];
        ZooDecay? measured = null;
        List<ZooOutcome> outcomes = [];
        for (int s = 0; s < plan.Seeds; s++)
        {
            ulong own = seed + (ulong)s;
            ProblemTraining training = ProblemTraining.Begin(problem, cell, hidden, plan.Data(own), plan.Training(own, best), alone);
            bool here = decay && s == 0;
            double[] before = here ? ZooDecay.Norms(problem, training.Network, own, alone) : [];
            outcomes.Add(Train(plan, problem, training, alone));
            if (here) measured = new ZooDecay(before, ZooDecay.Norms(problem, training.Network, own, alone));
        }
        return new ZooResult(cell, problem, hidden, Count(problem, cell, hidden), tuning, best, outcomes, measured);
    }

    /// <summary>The units that give a cell's network the parameters of the plan, as nearly as can be.</summary>
    internal static int Units(ZooPlan plan, ISequenceProblem problem, LabNamedCell cell) =>
        EqualParameters.Units(units => Count(problem, cell, units), plan.Parameters);

    private static long Count(ISequenceProblem problem, LabNamedCell cell, int hidden) =>
        ProblemTraining.Build(problem, cell, hidden).Parameters.Length;

    private static double Tune(ZooPlan plan, ISequenceProblem problem, LabNamedCell cell, int hidden, double rate, ulong seed, ThreadTeam alone)
    {
        ProblemTraining training = ProblemTraining.Begin(problem, cell, hidden, plan.Data(seed), plan.Training(seed, rate), alone);
        foreach (TrainingProgress _ in training.Loop.Run()) { }
        return training.Loop.State.BestScore / problem.BaselineLoss;
    }

    private static ZooOutcome Train(ZooPlan plan, ISequenceProblem problem, ProblemTraining training, ThreadTeam alone)
    {
        List<double> curve = [];
        foreach (TrainingProgress progress in training.Loop.Run())
            if (progress.Epoch is { } look) curve.Add(look.Score / problem.BaselineLoss);
        ProblemScore score = training.Test(ZooPlan.Test, alone);
        return new ZooOutcome(score.Share, score.Accuracy, training.Loop.State.BestEpoch * plan.Between, curve);
    }
}
