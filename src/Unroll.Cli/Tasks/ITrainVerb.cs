using System.CommandLine;
using System.Text.Json;
using Unroll.Numerics;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What a task writes for <c>unroll train TASK</c>; run folders, resuming, progress and output are <see cref="TrainCommand{TOptions}"/>'s.</summary>
/// <typeparam name="TOptions">The task's options, a record.</typeparam>
internal interface ITrainVerb<TOptions>
{
    /// <summary>The word after <c>unroll train</c>.</summary>
    string Task { get; }

    /// <summary>A sentence.</summary>
    string Help { get; }

    /// <summary>The options on the command line.</summary>
    TaskArguments<TOptions> Arguments { get; }

    /// <summary>The options of a new run: those typed, over the defaults or over those of the model that is trained on.</summary>
    TOptions New(ParseResult parsed);

    /// <summary>The options as the run's <c>config.json</c>.</summary>
    string ToJson(TOptions options);

    /// <summary>The other way.</summary>
    TOptions FromJson(string json, string where);

    /// <summary>The data, which a run without a name is called after.</summary>
    string DataOf(TOptions options);

    /// <summary>The trainings of a cross-validation; null: the options ask for one training.</summary>
    IReadOnlyList<Fold<TOptions>>? Folds(TOptions options, TextReader standardInput) => null;

    /// <summary>All folds together; for a task with <see cref="Folds"/>.</summary>
    /// <param name="folds">What <see cref="FoldEnd.HeldOut"/> wrote, of each.</param>
    PooledEnd Pool(IReadOnlyList<JsonElement> folds) => throw new NotSupportedException();

    /// <summary>Reads the data and prepares the training.</summary>
    ITaskTraining Begin(TOptions options, TrainingSite place);
}

/// <summary>Where a training run reads, works and writes.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Threads">Who does the work.</param>
/// <param name="Run">Makes the run's folder, once the data have been found good.</param>
/// <param name="Warn">Receives lines for the user.</param>
internal sealed record TrainingSite(TextReader In, ThreadTeam Threads, Func<RunDirectory> Run, Action<string> Warn);

/// <summary>A training run of some task.</summary>
internal interface ITaskTraining
{
    /// <summary>What is trained.</summary>
    ITaskModel Model { get; }

    /// <summary>Where the run stands; runs it.</summary>
    ITrainingLoop Loop { get; }

    /// <summary>The epochs at most.</summary>
    int Epochs { get; }

    /// <summary>What an epoch learns from: windows, sentences, characters.</summary>
    long Examples { get; }

    /// <summary>What they are called in the line of an epoch, and shorter beside a bar.</summary>
    (string Long, string Short) ExamplesWord => ("sequences", "seq");

    /// <summary>The model in words, before training.</summary>
    IEnumerable<string> Lines();

    /// <summary>Completes the model of the best weights (intervals, thresholds), writes it to the run's folder again if that changed it, and measures it.</summary>
    /// <param name="measure">Whether to measure; an interrupted run is not.</param>
    /// <returns>Null where nothing was measured.</returns>
    TrainingEnd? Finish(bool measure);
}

/// <summary>What a run came to.</summary>
/// <param name="Lines">The measures, for people.</param>
/// <param name="Json">Members of the JSON.</param>
/// <param name="SaveReport">Writes the page of the run, given its folder and its seconds; returns the path.</param>
internal sealed record TrainingEnd(IEnumerable<string> Lines, Action<Utf8JsonWriter> Json, Func<RunDirectory, double, string> SaveReport)
{
    /// <summary>What a cross-validation keeps of it; null: the task has none.</summary>
    public FoldEnd? Fold { get; init; }
}
