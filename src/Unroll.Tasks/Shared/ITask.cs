using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Numerics;
using Unroll.Tasks.Data;

namespace Unroll.Tasks.Shared;

/// <summary>
/// One kind of problem, from data to answers: what a program, a command line or a server needs to train a model of it and to ask that model, whatever
/// the task is. Each task's own types do the same with data in memory and typed answers.
/// </summary>
public interface ITask
{
    /// <summary>In model files and on the command line: <c>forecast</c>.</summary>
    string Name { get; }

    /// <summary>What a model of it is called: <c>forecasting model</c>.</summary>
    string ModelName { get; }

    /// <summary>What it trains, in one sentence.</summary>
    string Help { get; }

    /// <summary>Every option of a run, one line each.</summary>
    IOptionTable Options { get; }

    /// <summary>The options that a run begins with.</summary>
    TaskOptions Defaults { get; }

    /// <summary>The defaults that go with options that were chosen, where some depend on others; else <see cref="Defaults"/>.</summary>
    /// <param name="chosen">The options so far.</param>
    TaskOptions DefaultsFor(TaskOptions chosen) => Defaults;

    /// <summary>Reads the data that the options name and prepares a run.</summary>
    /// <param name="options">A record of <see cref="Options"/>.</param>
    /// <param name="files">What names refer to.</param>
    /// <param name="settings">Threads, folder, notes; null: the defaults.</param>
    /// <exception cref="UserErrorException">The data or the options are invalid; the message is one line that says where and why.</exception>
    ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null);

    /// <summary>Makes the model of a model file of this task.</summary>
    /// <param name="file">The file, with the cells that it was loaded with: <see cref="ModelFile.Cells"/>.</param>
    /// <exception cref="UserErrorException">It is damaged.</exception>
    ITaskModel Open(ModelFile file);

    /// <summary>
    /// Whether a run takes only the front of the model to train on, <see cref="ITaskModel.Front"/>, and is a new model otherwise.
    /// </summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="model">The model to train on.</param>
    bool TakesFront(TaskOptions options, ITaskModel model) => false;

    /// <summary>Whether the seed decides which examples are in which part, where the data do not say; else their order does.</summary>
    bool DealsBySeed => true;

    /// <summary>Measuring a model on data.</summary>
    TaskVerb Evaluate { get; }

    /// <summary>A model's answers for data.</summary>
    TaskVerb Predict { get; }

    /// <summary>Letting a model continue or compose; null: models of this task do not.</summary>
    TaskVerb? Sample => null;

    /// <summary>One run for each fold of a cross-validation; null: the task has none.</summary>
    /// <param name="options">With <see cref="TaskOptions.CrossValidate"/>.</param>
    /// <param name="files">What names refer to.</param>
    /// <exception cref="UserErrorException">There are fewer than two folds, or the options contradict them.</exception>
    IReadOnlyList<Fold>? Folds(TaskOptions options, DataFiles files) => null;

    /// <summary>The evaluation of all folds together, as if one model had made all predictions.</summary>
    /// <param name="folds">The scores of each, in their order.</param>
    TaskEvaluation Pool(IReadOnlyList<FoldScore> folds) => throw new NotSupportedException($"the task {Name} has no folds");
}

/// <summary>An operation on a trained model, with its options.</summary>
/// <param name="Help">A sentence.</param>
/// <param name="Options">Its options, a line each.</param>
/// <param name="Defaults">The options before any is set.</param>
/// <param name="Ask">Performs it: the model, a record of <paramref name="Options"/>, and the context of the call.</param>
public sealed record TaskVerb(string Help, IOptionTable Options, object Defaults, Func<ITaskModel, object, TaskCall, TaskAnswer> Ask)
{
    /// <summary>A verb of one task's models and options.</summary>
    public static TaskVerb Of<TModel, TOptions>(
        string help, OptionTable<TOptions> options, TOptions defaults, Func<TModel, TOptions, TaskCall, TaskAnswer> ask)
        where TModel : ITaskModel where TOptions : class =>
        new(help, options, defaults, (model, chosen, call) =>
        {
            options.Check((TOptions)chosen);
            return ask((TModel)model, (TOptions)chosen, call);
        });
}

/// <summary>The context of a call of a model.</summary>
/// <param name="Files">What names of data refer to.</param>
/// <param name="Threads">The threads; null: depends on the amount of work.</param>
/// <param name="Stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
/// <param name="Note">Receives notes for the user; null: nobody.</param>
public sealed record TaskCall(DataFiles Files, ThreadTeam? Threads = null, CancellationToken Stop = default, Action<string>? Note = null)
{
    /// <summary>What names of data refer to; what is said about them goes to <see cref="Note"/>.</summary>
    public DataFiles Files { get; init; } = Files.NotingTo(Note);
}
