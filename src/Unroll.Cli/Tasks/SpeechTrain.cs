using System.CommandLine;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary><c>unroll train speech</c>.</summary>
internal sealed class SpeechTrain : ITrainVerb<SpeechOptions>
{
    public string Task => TaskList.Speech.Name;

    public string Help => "Train a model that hears words: one a recording, or strings of them. Without options: ten made-up words of computed tones.";

    public TaskArguments<SpeechOptions> Arguments { get; } = SpeechArguments.Make();

    public SpeechOptions New(ParseResult parsed) => Arguments.Over(new SpeechOptions(), parsed);

    public string ToJson(SpeechOptions options) => options.ToJson();

    public SpeechOptions FromJson(string json, string where) => SpeechOptions.FromJson(json, where);

    public string DataOf(SpeechOptions options) => options.Data;

    public ITaskTraining Begin(SpeechOptions options, TrainingSite site) => new Running(SpeechTraining.Begin(options, site.Threads, site.Run, site.Warn));

    private sealed class Running(SpeechTraining training) : ITaskTraining
    {
        public ITaskModel Model => training.Model;

        public ITrainingLoop Loop => training.Loop;

        public int Epochs => training.Model.Description.Options.Epochs;

        public long Examples => training.Examples;

        public (string Long, string Short) ExamplesWord => ("recordings", "rec");

        public IEnumerable<string> Lines()
        {
            (int train, int valid, int test) = training.Recordings;
            return [.. SpeechVerbs.Lines(training.Model), $"recordings: {train} to train on, {valid} to validate on, {test} to test on"];
        }

        public TrainingEnd? Finish(bool measure) => !measure || training.Measure() is not { } evaluation ? null
            : new TrainingEnd(evaluation.Report.Lines(), json => json.Report(evaluation.Report),
                (run, seconds) => SpeechRunReport.Save(run, training.Model, evaluation, seconds));
    }
}
