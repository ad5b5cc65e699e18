using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Memory;

/// <summary>The result of one training run.</summary>
/// <param name="Updates">After how many updates the validation sequences were solved; null: not within the limit.</param>
/// <param name="Score">On sequences that were used only at the end.</param>
internal sealed record MemoryOutcome(int? Updates, ProblemScore Score);

/// <summary>A cell at a length of a problem, all seeds.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="Cell">The cell.</param>
/// <param name="Outcomes">One for each seed; empty: not tried, since no seed solved a shorter length.</param>
internal sealed record MemoryResult(ISequenceProblem Problem, LabNamedCell Cell, IReadOnlyList<MemoryOutcome> Outcomes)
{
    /// <summary>The number of training runs that solved it.</summary>
    internal int Solved => Outcomes.Count(outcome => outcome.Updates is not null);

    /// <summary>Whether more than half of the training runs solved it.</summary>
    internal bool IsSolved => 2 * Solved > Outcomes.Count;

    /// <summary>The training run with the median error.</summary>
    internal ProblemScore Score => Outcomes.OrderBy(outcome => outcome.Score.Loss).ElementAt(Outcomes.Count / 2).Score;

    /// <summary>The median number of updates of those that solved it; NaN: none did.</summary>
    internal double Updates =>
        Outcomes.Where(outcome => outcome.Updates is not null).Select(outcome => (double)outcome.Updates!).Order().ToArray() is { Length: > 0 } all
        ? all[all.Length / 2] : double.NaN;
}

/// <summary>Trains a cell on a problem until it is solved or the updates are used up.</summary>
internal static class MemoryTraining
{
    private const int TestSequences = 512;

    /// <summary>One cell through the lengths of one problem, shortest first, until no seed solves one.</summary>
    internal static IReadOnlyList<MemoryResult> Climb(MemoryPlan plan, string problem, IReadOnlyList<int> lengths, LabNamedCell cell, LabRun run,
        ThreadTeam alone)
    {
        List<MemoryResult> results = [];
        bool climbing = true;
        foreach (int length in lengths)
        {
            ISequenceProblem one = plan.Problem(problem, length);
            List<MemoryOutcome> outcomes = [];
            for (int seed = 0; climbing && seed < plan.Seeds; seed++) outcomes.Add(Train(plan, one, cell, run.Seed + (ulong)seed, run, alone));
            results.Add(new MemoryResult(one, cell, outcomes));
            climbing &= outcomes.Any(outcome => outcome.Updates is not null);
        }
        return results;
    }

    private static MemoryOutcome Train(MemoryPlan plan, ISequenceProblem problem, LabNamedCell cell, ulong seed, LabRun run, ThreadTeam alone)
    {
        ProblemData data = new() { Seed = seed, Batch = MemoryPlan.Batch, Updates = MemoryPlan.Between };
        ProblemTraining training = ProblemTraining.Begin(problem, cell, plan.Hidden, data, OptionsOf(plan, seed), alone);
        int? solved = null;
        foreach (TrainingProgress progress in training.Loop.Run())
        {
            if (progress.Epoch is not { } look || !IsSolved(look)) continue;
            solved = (int)look.Steps;
            break;                                                           // leaves the weights as they are now
        }
        return new MemoryOutcome(solved, training.Test(TestSequences, alone));
    }

    private static bool IsSolved(EpochResult look)
    {
        double Of(string name) => look.Metrics.First(metric => metric.Key == name).Value;
        double accuracy = Of("accuracy");
        return new ProblemScore(Of("share_of_baseline"), 1, double.IsNaN(accuracy) ? null : accuracy).IsSolved;
    }

    private static TrainingOptions OptionsOf(MemoryPlan plan, ulong seed) => new()
    {
        Epochs = Math.Max(1, plan.Updates / MemoryPlan.Between),
        Seed = seed,
        Step = new TrainerOptions
        {
            Schedule = new ConstantSchedule { Rate = (float)plan.Rate },
            Clipping = new Clipping { Limit = 1 },
            NonFinite = NonFinitePolicy.SkipBatch,
        },
    };
}
