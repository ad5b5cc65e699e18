using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>Threads, folder and notes of a run.</summary>
public sealed record RunSettings
{
    /// <summary>The threads; null: depends on the amount of work. Their number changes no bit.</summary>
    public ThreadTeam? Threads { get; init; }

    /// <summary>
    /// Creates the folder for checkpoints and models; called once the data have been checked, so that a refused run leaves nothing behind; null:
    /// nothing is written.
    /// </summary>
    public Func<RunDirectory>? Folder { get; init; }

    /// <summary>After how much time training ends with what was learned, and can be resumed; null: never. Above 0.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>
    /// How training on long sequences saves memory by computing gates a second time; null: every gate is kept. It changes no bit, so that a run may
    /// go on with another choice.
    /// </summary>
    public Recomputation? Recomputation { get; init; }

    /// <summary>Receives notes for the user; null: nobody.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>
    /// The processes that train together, each with equal options and data; the first alone has a folder. At most as many as there are
    /// <see cref="TaskOptions.Shards"/>. Null: this process alone.
    /// </summary>
    public ICollective? Ranks { get; init; }

    /// <summary>The cells that the options and a model to train on may name; null: the built-in ones.</summary>
    public CellCatalog? Cells { get; init; }

    /// <summary>The model to train on; null: a new one, or the one that <see cref="TaskOptions.From"/> names.</summary>
    public ITaskModel? From { get; init; }

    /// <summary>A model that reads from the end, whose recurrent weights a new model's second direction begins with; null: none.</summary>
    public ITaskModel? FromReverse { get; init; }
}

/// <summary>How many examples each part has.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Valid">To choose the epoch by.</param>
/// <param name="Test">To measure on.</param>
public readonly record struct PartCounts(long Train, long Valid, long Test);

/// <summary>A training run of some task: begun by <see cref="ITask.Begin"/> or the task's own <c>Begin</c> with data in memory.</summary>
public interface ITaskRun
{
    /// <summary>The model that is trained.</summary>
    ITaskModel Model { get; }

    /// <summary>The loop: where the run stands and how it ended.</summary>
    ITrainingLoop Loop { get; }

    /// <summary>The epochs at most.</summary>
    int Epochs { get; }

    /// <summary>What an epoch learns from, in units of <see cref="ExamplesName"/>.</summary>
    long Examples { get; }

    /// <summary>What examples are called, in the plural: <c>windows</c>, <c>characters</c>, <c>sequences</c>.</summary>
    string ExamplesName { get; }

    /// <summary>The examples of each part; of one long text its symbols.</summary>
    PartCounts Parts { get; }

    /// <summary>
    /// What a validation score is of, and in which units: the scores of two runs compare where this is equal. By default the data of the
    /// validation part.
    /// </summary>
    string ScoredOn => Loop.Data.FirstOrDefault(part => part.Name == PartHashes.Validation)?.Sha256 ?? "";

    /// <summary>The threads of the run.</summary>
    ThreadTeam Threads { get; }

    /// <summary>
    /// Completes the model of the best weights (intervals, thresholds), writes it to the run's folder again if that changed it, and measures it on
    /// the test part.
    /// </summary>
    /// <param name="measure">Whether to measure; an interrupted run is not.</param>
    /// <returns>Null where nothing was measured.</returns>
    TaskEvaluation? Finish(bool measure = true);

    /// <summary>Trains to the end, finishes and measures.</summary>
    /// <param name="progress">Receives every step and epoch; null: nobody.</param>
    /// <param name="stop">Stops the run after the current step: what was learned is kept, and nothing is measured.</param>
    /// <returns>Null where there is no test part, or the run was stopped.</returns>
    TaskEvaluation? Train(IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        foreach (TrainingProgress one in Loop.Run(stop)) progress?.Report(one);
        return Finish(measure: Loop.Outcome != TrainingOutcome.Interrupted);
    }
}
