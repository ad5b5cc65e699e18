using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab;

/// <summary>A made-up problem, the network of a cell for it, and its training.</summary>
/// <param name="Network">Initialized.</param>
/// <param name="Task">The problem's sequences.</param>
/// <param name="Loop">At its beginning.</param>
internal sealed record ProblemTraining(Network Network, ProblemTask Task, TrainingLoop<long[]> Loop)
{
    /// <summary>A training from its beginning; the seed of the data draws the weights too.</summary>
    internal static ProblemTraining Begin(
        ISequenceProblem problem, LabNamedCell cell, int hidden, ProblemData data, TrainingOptions options, ThreadTeam alone)
    {
        Network network = Fresh(problem, cell, hidden, data.Seed);
        ProblemTask task = new(problem, network, data);
        return new ProblemTraining(network, task, new TrainingLoop<long[]>(task, options, alone));
    }

    /// <summary>The network before training.</summary>
    internal static Network Fresh(ISequenceProblem problem, LabNamedCell cell, int hidden, ulong seed)
    {
        Network network = Build(problem, cell, hidden);
        Initialization.Apply(network, cell.Weights(problem.MaxSteps), new Rng(seed).For("weights"));
        return network;
    }

    /// <summary>The network with all weights zero.</summary>
    internal static Network Build(ISequenceProblem problem, LabNamedCell cell, int hidden) =>
        Network.Build(ProblemTask.NetworkFor(problem, cell.Options, hidden), cell.Cells);

    /// <summary>The score on sequences that were neither trained nor validated on.</summary>
    internal ProblemScore Test(int sequences, ThreadTeam alone) =>
        Task.Test(sequences, new Pass(new Workspace(), alone, new Rng(0), Training: false));
}
