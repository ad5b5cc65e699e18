using System.CommandLine;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Translation;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train translate</c>.</summary>
internal sealed class TranslateTrain : ITrainVerb<TranslationOptions>
{
    public string Task => TaskList.Translate.Name;

    public string Help => "Train a model from one sequence of symbols to another: sentences, numbers in words, spelling to sound.";

    public TaskArguments<TranslationOptions> Arguments { get; } = TranslateArguments.Make();

    public TranslationOptions New(ParseResult parsed) => Arguments.Over(new TranslationOptions(), parsed);

    public string ToJson(TranslationOptions options) => options.ToJson();

    public TranslationOptions FromJson(string json, string where) => TranslationOptions.FromJson(json, where);

    public string DataOf(TranslationOptions options) => options.Data.Count > 0 ? options.Data[0] : "none";

    public ITaskTraining Begin(TranslationOptions options, TrainingSite place) =>
        new Running(TranslationTraining.Begin(options, place.In, place.Threads, place.Run, place.Warn));

    private sealed class Running(TranslationTraining training) : ITaskTraining
    {
        public ITaskModel Model => training.Model;

        public ITrainingLoop Loop => training.Loop;

        public int Epochs => training.Epochs;

        public long Examples => training.Examples;

        public (string Long, string Short) ExamplesWord => ("pairs", "pairs");

        public IEnumerable<string> Lines() =>
            [$"pairs: {training.Parts.Training:N0} to train on, {training.Parts.Validation:N0} to validate on, {training.Parts.Test:N0} to test on", .. TranslateText.Lines(training.Model)];

        public TrainingEnd? Finish(bool measure) => !measure || training.Finish() is not { } evaluation ? null
            : new TrainingEnd(TranslateText.Lines(evaluation), json => TranslateText.Write(json, evaluation),
                (run, seconds) => TranslateRunReport.Save(run, training.Model, evaluation, seconds));
    }
}
