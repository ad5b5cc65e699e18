using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

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

    public IReadOnlyList<Fold<SpeechOptions>>? Folds(SpeechOptions options, TextReader standardInput) =>
        options.CrossValidate ? [.. options.EachSpeaker().Select(one => new Fold<SpeechOptions>(one.HoldOut!, one))] : null;

    public PooledEnd Pool(IReadOnlyList<JsonElement> folds)
    {
        int Sum(string name) => folds.Sum(fold => fold.GetProperty(name).GetInt32());
        int words = Sum("words"), errors = Sum("substituted") + Sum("missed") + Sum("added");
        double rate = errors / (double)Math.Max(1, words);
        string line = string.Create(CultureInfo.InvariantCulture, $"  {errors:N0} errors in {words:N0} words: word error rate {100 * rate:F2} %");
        return new PooledEnd([line], json =>
        {
            json.WriteNumber("words", words);
            json.WriteNumber("errors", errors);
            json.WriteNumber("word_error_rate", rate);
        }, []);
    }

    private static FoldEnd FoldOf(SpeechReport report) => new(report.Words, report.Substituted + report.Missed + report.Added,
        [
            .. report.Mode == "word" ? ((string, double)[])[("accuracy", 1 - report.ErrorRate)] : [],
            ("word_error_rate", report.ErrorRate), .. report.BeamErrorRate is { } beam ? ((string, double)[])[("word_error_rate_beam", beam)] : [],
            .. report.Baselines.Select(rule => (rule.Name, rule.ErrorRate)),
        ], json =>
        {
            json.WriteNumber("words", report.Words);
            json.WriteNumber("substituted", report.Substituted);
            json.WriteNumber("missed", report.Missed);
            json.WriteNumber("added", report.Added);
        });

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
                (run, seconds) => SpeechRunReport.Save(run, training.Model, evaluation, seconds)) { Fold = FoldOf(evaluation.Report) };
    }
}
