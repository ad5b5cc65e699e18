using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Inspection.Report;
using Unroll.Tasks;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train music</c>.</summary>
internal sealed class MusicTrain : ITrainVerb<MusicOptions>
{
    public string Task => TaskList.Music.Name;

    public string Help => "Train a model that foretells music, and composes: chorales as keys of a piano, or tunes in ABC.";

    public TaskArguments<MusicOptions> Arguments { get; } = Make();

    public MusicOptions New(ParseResult parsed) => Arguments.Over(new MusicOptions(), parsed);

    public string ToJson(MusicOptions options) => options.ToJson();

    public MusicOptions FromJson(string json, string where) => MusicOptions.FromJson(json, where);

    public string DataOf(MusicOptions options) => options.Data.Count > 0 ? options.Data[0].TrimEnd('/') : "none";

    public ITaskTraining Begin(MusicOptions options, TrainingSite place) => new Running(MusicTraining.Begin(options, place.Threads, place.Run, place.Warn));

    private static TaskArguments<MusicOptions> Make()
    {
        MusicOptions usual = new();
        TaskArguments<MusicOptions> all = new();
        all.Add(Opt.Strings("--data", "FILE|FOLDER[,…]", "piano rolls (.json), MIDI (.mid) or tunes (.abc)"), (o, v) => o with { Data = v });
        all.Add(Opt.String("--kind", "WORD", "keys of a piano, or symbols of a tune: " + Words(MusicOptions.KindWords, usual.Kind)), (o, v) => o with { Kind = v });
        all.Add(Opt.Doubles("--split", "TRAIN,VALID", "shares to train on and to validate on where the file does not say (default 0.8,0.1)"), (o, v) => o with { Split = v! });
        all.Add(Opt.Int("--steps-per-quarter", "N", $"steps of a quarter note (default {usual.StepsPerQuarter})"), (o, v) => o with { StepsPerQuarter = v!.Value });
        all.Add(Opt.Int("--transpose", "N", $"rolls: half tones by which pieces are moved in training at most (default {usual.Transpose})"), (o, v) => o with { Transpose = v!.Value });
        all.Add(Opt.Bool("--chords", "tunes: learn chord symbols too"), (o, v) => o with { Chords = v });
        all.Add(Opt.Int("--embedding", "N", $"tunes: features of an embedded symbol (default {usual.Embedding})"), (o, v) => o with { Embedding = v!.Value });
        all.Add(Opt.String("--cell", "CELL", Words(ForecastOptions.CellWords, usual.Cell)), (o, v) => o with { Cell = v });
        all.Add(Opt.Int("--hidden", "N", $"units of each layer (default {usual.Hidden})"), (o, v) => o with { Hidden = v!.Value });
        all.Add(Opt.Int("--layers", "N", $"recurrent layers (default {usual.Layers})"), (o, v) => o with { Layers = v!.Value });
        all.Add(Opt.Double("--dropout", $"probability that a feature is dropped (default {usual.Dropout})"), (o, v) => o with { Dropout = v!.Value });
        all.Add(Opt.Int("--batch", "N", $"pieces of a batch (default {usual.Batch})"), (o, v) => o with { Batch = v!.Value });
        LearningArguments.AddTo(all, usual.Learning, o => o.Learning, (o, learning) => o with { Learning = learning });
        return all;
    }

    private static string Words(IReadOnlyList<string> words, string usual) => TaskArguments<MusicOptions>.Words(words, usual);

    private sealed class Running(MusicTraining training) : ITaskTraining
    {
        public ITaskModel Model => training.Model;

        public ITrainingLoop Loop => training.Loop;

        public int Epochs => training.Epochs;

        public long Examples => training.Pieces.Training.Count;

        public IEnumerable<string> Lines() =>
            [$"pieces: {training.Pieces.Training.Count:N0} to train on, {training.Pieces.Validation.Count:N0} to validate on, {training.Pieces.Test.Count:N0} to test on", .. MusicText.Lines(training.Model)];

        public TrainingEnd? Finish(bool measure) => !measure || training.Finish() is not { } evaluation ? null
            : new TrainingEnd(MusicText.Lines(evaluation), json => MusicText.Write(json, evaluation), (run, seconds) => Report(run, evaluation, seconds));

        private string Report(RunDirectory run, MusicEvaluation evaluation, double seconds)
        {
            MusicModel model = training.Model;
            TrainingReport report = new()
            {
                Title = $"music: {string.Join(", ", model.Options.Data.Select(path => Path.GetFileName(path.TrimEnd('/'))))}",
                Subtitle = $"{model.Options.Cell}, {model.Options.Layers} × {model.Options.Hidden} units; run {Path.GetFileName(run.Root)}",
                Epochs = RunFigures.Epochs(run, evaluation.Kind == "roll" ? "validation_nll" : "validation_perplexity"),
                MetricName = evaluation.Kind == "roll" ? "nats a step" : "perplexity",
                Measures = ["nats a step"],
                Methods = [new MethodScores("this model", evaluation.NatsPerStep), .. evaluation.Baselines.Select(b => new MethodScores(b.Name, b.NatsPerStep))],
                Figures =
                [
                    new KeyFigure("weights", model.Network.Parameters.Length.ToString("N0", CultureInfo.InvariantCulture), $"sha256 {model.WeightsSha256[..12]}…"),
                    new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)),
                ],
                Inside = TrainingInspectionSection.Read(run.Inspection),
                Settings = RunFigures.Settings(model.Options.ToJson()),
            };
            ReportPage page = report.ToPage();
            page = page with { Sections = [page.Sections[0], new ReportSection("A piece that it composed (seed 1)", MusicPicture.Of(model)), .. page.Sections.Skip(1)] };
            string path = Path.Combine(run.Root, "report.html");
            page.Save(path);
            return path;
        }
    }
}

/// <summary>A piece as a picture: keys over steps, or the text of a tune.</summary>
internal static class MusicPicture
{
    internal static ReportBlock Of(MusicModel model)
    {
        if (model.Kind == "tune") return new TextBlock(MusicPieces.ToAbc(MusicSampler.Tune(model, new SamplingOptions { Temperature = 0.8 }, 200, []), "composed"));
        PianoRoll roll = MusicSampler.Roll(model, new SamplingOptions { Temperature = 0.8 }, 96);
        int[] pitches = [.. roll.Steps.SelectMany(step => step)];
        int low = pitches.Length > 0 ? pitches.Min() : 60, high = pitches.Length > 0 ? pitches.Max() : 60;
        return new HeatmapChart([.. Enumerable.Range(1, roll.Steps.Count).Select(t => $"{t}")], [.. Enumerable.Range(low, high - low + 1).Reverse().Select(MusicModel.Name)],
            [.. Enumerable.Range(low, high - low + 1).Reverse().Select(pitch => (IReadOnlyList<double>)[.. roll.Steps.Select(step => step.Contains(pitch) ? 1.0 : 0.0)])])
        { Title = "keys over steps", XName = "step", YName = "key", Minimum = 0, Maximum = 1 };
    }
}
