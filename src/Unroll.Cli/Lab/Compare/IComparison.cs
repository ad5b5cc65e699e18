using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Lab.Compare;

/// <summary>What cells are compared on: data, training and a measure of the trained network.</summary>
internal interface IComparison
{
    /// <summary>The task and its data: <c>forecast, sunspots</c>.</summary>
    string Title { get; }

    /// <summary>What is measured on the test part; lower is better: <c>RMSE of Sunspots</c>.</summary>
    string Measure { get; }

    /// <summary>What the measure is without any network: names and figures, the best first.</summary>
    IReadOnlyList<(string Name, double Value)> Baselines { get; }

    /// <summary>How many sequences or windows an epoch learns from, and how training goes, in a sentence.</summary>
    string Training { get; }

    /// <summary>Where the trainings are kept, in a sentence after a space; empty: nowhere.</summary>
    string Kept => "";

    /// <summary>The network with a cell of so many units.</summary>
    Network Network(LabNamedCell cell, int hidden);

    /// <summary>Trains every cell with every seed; how many at once changes no figure.</summary>
    /// <returns>Of each cell its outcomes in the order of the seeds.</returns>
    IReadOnlyList<IReadOnlyList<CompareOutcome>> Train(IReadOnlyList<(LabNamedCell Cell, int Hidden)> cells, int seeds, LabRun run);

    /// <summary>A training from its beginning; nothing has been computed yet.</summary>
    ComparedTraining Begin(LabNamedCell cell, int hidden, ulong seed, ThreadTeam alone);
}

/// <summary>A training that has been prepared.</summary>
/// <param name="Steps">Trains while it is enumerated; stops early by the validation part, and ends with the weights that were best there.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Test">Measures the weights on the test part: to be asked once, at the end.</param>
internal sealed record ComparedTraining(IEnumerable<TrainingProgress> Steps, Func<TrainingState> State, Func<double> Test);
