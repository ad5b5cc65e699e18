using Unroll.Cli.Lab.Statistics;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>How long a training step of each cell takes: forward, backward and update over one batch, by one thread.</summary>
internal static class ZooTime
{
    private const int MaxRounds = 41;
    private const double SecondsOfRounds = 10;

    /// <summary>The median seconds of a step of each of the results' networks.</summary>
    internal static IReadOnlyList<double> Of(ISequenceProblem problem, IReadOnlyList<ZooResult> results, ulong seed)
    {
        using ThreadTeam alone = new(1);
        IEnumerator<TrainingStep>[] trainings = [.. results.Select(result => Steps(problem, result, seed, alone).GetEnumerator())];
        IReadOnlyList<double> seconds =
            InTurn.Median([.. trainings.Select(training => (Func<bool>)training.MoveNext)], MaxRounds, SecondsOfRounds);
        foreach (IEnumerator<TrainingStep> training in trainings) training.Dispose();
        return seconds;
    }

    private static IEnumerable<TrainingStep> Steps(ISequenceProblem problem, ZooResult result, ulong seed, ThreadTeam alone)
    {
        Network network = ProblemTraining.Fresh(problem, result.Cell, result.Hidden, seed);
        Rng random = new Rng(seed).For("time");
        ProblemBatch batch = ProblemBatch.Draw(problem, [.. Enumerable.Range(0, ZooPlan.Batch).Select(i => random.At((ulong)i))], ragged: false);
        Trainer<ProblemBatch> trainer = new(new SameBatch(network, SequenceProblems.LossOf(problem)),
            new AdamOptions().Create(network.Parameters.Length), ZooPlan.Step(result.Rate), alone);
        return trainer.Run([.. Enumerable.Repeat(batch, MaxRounds + 2)], default, default, random);
    }

    // The sequences are drawn once, so that the drawing is not timed.
    private sealed class SameBatch(Network network, ILoss loss) : IObjective<ProblemBatch>
    {
        public ParameterStore Parameters => network.Parameters;

        public LossSum Accumulate(ProblemBatch batch, in Pass pass)
        {
            Cache cache = network.Forward(batch.Inputs, null, pass);
            SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
            LossSum sum = loss.Compute(cache.Output, batch.Targets, dy, pass);
            network.Backward(dy, cache, pass);
            return sum;
        }
    }
}
