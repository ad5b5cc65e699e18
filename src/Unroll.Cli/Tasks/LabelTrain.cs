using System.CommandLine;
using Unroll.Core;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train classify</c>, <c>dna</c> and <c>tag</c>.</summary>
/// <param name="task">Which.</param>
/// <param name="help">A sentence.</param>
internal sealed class LabelTrain(string task, string help) : ITrainVerb<LabelOptions>
{
    public string Task => task;

    public string Help => help;

    public TaskArguments<LabelOptions> Arguments { get; } = LabelArguments.Make(task);

    public LabelOptions New(ParseResult parsed) => Arguments.Over(LabelOptions.Of(task), parsed);

    public string ToJson(LabelOptions options) => options.ToJson();

    public LabelOptions FromJson(string json, string where) => LabelOptions.FromJson(json, where);

    public string DataOf(LabelOptions options) => options.Data.Count > 0 ? options.Data[0] : "none";

    public IReadOnlyList<Fold<LabelOptions>>? Folds(LabelOptions options, TextReader standardInput) =>
        options.CrossValidate ? [.. LabelFolds.Of(options, standardInput).Select(fold => new Fold<LabelOptions>(fold.Fold!, fold))] : null;

    public PooledEnd Pool(IReadOnlyList<System.Text.Json.JsonElement> folds) => LabelFoldText.Pool(folds);

    public ITaskTraining Begin(LabelOptions options, TrainingSite place)
    {
        if (options.Task != task) throw new UserErrorException($"the run is one of the task '{options.Task}'; go on with: unroll train {options.Task} --resume.");
        return new Running(LabelTraining.Begin(options, place.In, place.Threads, place.Run, place.Warn));
    }

    private sealed class Running(LabelTraining training) : ITaskTraining
    {
        public ITaskModel Model => training.Model;

        public ITrainingLoop Loop => training.Loop;

        public int Epochs => training.Epochs;

        public long Examples => training.Examples;

        public IEnumerable<string> Lines() =>
            [$"sequences: {training.Parts.Training:N0} to train on, {training.Parts.Validation:N0} to validate on, {training.Parts.Test:N0} to test on", .. LabelText.Lines(training.Model)];

        public TrainingEnd? Finish(bool measure) => !measure || training.Finish() is not { } evaluation ? null
            : new TrainingEnd(LabelText.Lines(evaluation), json => LabelText.Write(json, evaluation),
                (run, seconds) => LabelRunReport.Save(run, training, evaluation, seconds)) { Fold = LabelFoldText.End(evaluation) };
    }
}
