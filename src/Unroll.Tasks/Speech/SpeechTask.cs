using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>A part of the recordings that a model was trained on.</summary>
public enum SpeechPart
{
    /// <summary>Those to test on.</summary>
    Test,

    /// <summary>Those to validate on.</summary>
    Valid,

    /// <summary>Those to train on.</summary>
    Train,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>What a model is measured on.</summary>
public sealed record SpeechEvaluateOptions
{
    /// <summary>Recordings as <see cref="TaskOptions.Data"/> names them, all of which are measured; empty: those that the model was trained
    /// on.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>What file names in a folder say; null: as the model's.</summary>
    public string? Pattern { get; init; }

    /// <summary>The manifest's column of files; null: <c>path</c> or <c>file</c>.</summary>
    public string? Path { get; init; }

    /// <summary>The manifest's column of words; null: <c>label</c> or <c>text</c>.</summary>
    public string? Label { get; init; }

    /// <summary>Where a manifest's paths begin; null: its own folder.</summary>
    public string? Folder { get; init; }

    /// <summary>The part of the model's own recordings.</summary>
    public SpeechPart Part { get; init; }

    /// <summary>The speaker whose recordings alone are measured; null: all of the part or the data.</summary>
    public string? Fold { get; init; }

    /// <summary>The minimum and the maximum number of recordings that are joined to one string; empty: as the model's.</summary>
    public IReadOnlyList<int> Join { get; init; } = [];

    /// <summary>Strings of words that beam search follows.</summary>
    public int Beam { get; init; } = SpeechResult.DefaultBeam;

    /// <summary>A file of the words that beam search may write down, a line each: the model's words that make it up; null: any.</summary>
    public string? Words { get; init; }

    /// <summary>Its lines.</summary>
    public static OptionTable<SpeechEvaluateOptions> Table { get; } = new OptionTable<SpeechEvaluateOptions>()
        .Strings("data", "tones|FOLDER|FILE.csv", "recordings, all of which are measured (default: the test part of those the model was trained on)",
            o => o.Data, (o, v) => o with { Data = v })
        .String("pattern", "PATTERN", "what file names in a folder say (default: as the model's)", o => o.Pattern, (o, v) => o with { Pattern = v })
        .String("path", "COLUMN", "the manifest's column of files (default path or file)", o => o.Path, (o, v) => o with { Path = v })
        .String("label", "COLUMN", "the manifest's column of words (default label or text)", o => o.Label, (o, v) => o with { Label = v })
        .String("folder", "FOLDER", "where a manifest's paths begin (default: its own folder)", o => o.Folder, (o, v) => o with { Folder = v })
        .Choice("part", "the part of the model's own recordings", o => o.Part, (o, v) => o with { Part = v })
        .String("fold", "SPEAKER", "measure the recordings of this speaker alone", o => o.Fold, (o, v) => o with { Fold = v })
        .String("hold-out", "SPEAKER", "fold", _ => null, (o, v) => o with { Fold = v }).IsOld()
        .Range("join", "join so many recordings to a string (default: as the model's)", o => o.Join, (o, v) => o with { Join = v },
            SpeechOptions.WrongJoin)
        .Int("beam", "N", "strings of words that beam search follows", o => o.Beam, (o, v) => o with { Beam = v }, 0, 10_000)
        .String("words", "FILE", "what beam search may write down: strings of these lines, each of words that the model knows (default: anything)",
            o => o.Words, (o, v) => o with { Words = v })
        .Together(o => o.Data.Count > 0 && o.Part is SpeechPart.Valid or SpeechPart.Train
            ? "part: recordings that are named by data are measured whole; leave part out." : null);
}

/// <summary>What a model is asked about.</summary>
public sealed record SpeechPredictOptions
{
    /// <summary>WAV files, folders of them, or <c>tones</c>.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Strings of words that beam search follows; 0: the best label of each step.</summary>
    public int Beam { get; init; } = SpeechResult.DefaultBeam;

    /// <summary>A file of the words that beam search may write down, a line each: the model's words that make it up; null: any.</summary>
    public string? Words { get; init; }

    /// <summary>Guesses of each recording.</summary>
    public int Best { get; init; } = 1;

    /// <summary>Its lines.</summary>
    public static OptionTable<SpeechPredictOptions> Table { get; } = new OptionTable<SpeechPredictOptions>()
        .Strings("data", "FILE.wav…|FOLDER|-", "WAV files, folders of them, tones, or - for standard input",
            o => o.Data, (o, v) => o with { Data = v }).Several()
        .Int("beam", "N", "strings of words that beam search follows; 0: the best label of each step",
            o => o.Beam, (o, v) => o with { Beam = v }, 0, 10_000)
        .String("words", "FILE", "what beam search may write down: strings of these lines, each of words that the model knows (default: anything)",
            o => o.Words, (o, v) => o with { Words = v })
        .Int("best", "N", "guesses of each recording", o => o.Best, (o, v) => o with { Best = v }, 1, 1_000_000)
        .Together(o => o.Data.Count == 0 ? "data: expected WAV files, a folder of them, or - for standard input; name some." : null);
}

/// <summary>Words from sound, as every task is offered.</summary>
public sealed class SpeechTask : ITask
{
    private SpeechTask()
    {
    }

    /// <summary>The task.</summary>
    public static SpeechTask Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "speech";

    /// <inheritdoc/>
    public string ModelName => "speech model";

    /// <inheritdoc/>
    public string Help =>
        "Train a model that recognizes words: one a recording, or strings of them. Without options: ten made-up words of computed tones.";

    /// <inheritdoc/>
    public IOptionTable Options => SpeechOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; } = new SpeechOptions();

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<SpeechModel, SpeechEvaluateOptions>(
        "Measure a model on recordings, beside simple rules.", SpeechEvaluateOptions.Table, new(), Measure);

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<SpeechModel, SpeechPredictOptions>(
        "Recognize what is said in recordings.", SpeechPredictOptions.Table, new(), Recognize);

    /// <inheritdoc/>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null) =>
        SpeechRun.Begin((SpeechOptions)options, files, settings);

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => SpeechModel.Open(file);

    /// <inheritdoc/>
    /// <remarks>A fold is a speaker, or one of <see cref="TaskOptions.Folds"/>.</remarks>
    public IReadOnlyList<Fold>? Folds(TaskOptions options, DataFiles files)
    {
        SpeechOptions own = (SpeechOptions)options;
        SpeechOptions.Table.Check(own);
        if (own.Fold is { } one) throw new OptionException("cross-validate", $"every fold tests in its turn; leave fold {one} out.");
        if (own.Test.Count > 0) throw new OptionException("cross-validate", "every fold tests in its turn; leave test out.");
        IReadOnlyList<Recording> all = SpeechData.List(own.Data, own, files);
        string[] names = own.Folds > 0
            ? [.. Enumerable.Range(0, Math.Min(own.Folds, all.Count)).Select(k => $"{k}")]
            : [.. all.Select(recording => recording.Speaker ?? "").Distinct().Order(StringComparer.Ordinal)];
        if (names.Length < 2 || names[0].Length == 0)
        {
            string found = own.Folds > 0 ? "one fold" : names.Any(name => name.Length == 0) ? "some without" : $"'{string.Join(", ", names)}' alone";
            throw new OptionException("cross-validate", "expected recordings of at least two speakers, each with a speaker's name, or a number of " +
                $"folds, found {found}; the option pattern says what file names say.");
        }
        return [.. names.Select(name => new Fold(name, own with { Fold = name, CrossValidate = false }))];
    }

    /// <inheritdoc/>
    public TaskEvaluation Pool(IReadOnlyList<FoldScore> folds) => SpeechPool.Of(folds);

    private static SpeechEvaluation Measure(SpeechModel model, SpeechEvaluateOptions options, TaskCall call)
    {
        SpeechOptions own = model.Options;
        if (options.Data.Count == 0 || options.Data.SequenceEqual(own.Data))
        {
            SpeechOptions same = own with
            {
                Pattern = options.Pattern ?? own.Pattern, Path = options.Path ?? own.Path, Label = options.Label ?? own.Label,
                Folder = options.Folder ?? own.Folder,
            };
            SpeechData data = SpeechData.Read(same, call.Files, model.Description.Rate);
            return SpeechMeasure.OfOwn(model, data, options.Part, TaskThreads.Or(call.Threads), options, call.Files, call.Stop);
        }
        SpeechOptions other = SpeechMeasure.Joined(model, options) with
        {
            Data = options.Data, Pattern = options.Pattern ?? own.Pattern, Path = options.Path, Label = options.Label, Folder = options.Folder,
        };
        IReadOnlyList<Recording> recordings = SpeechMeasure.OfSpeaker(SpeechData.List(other.Data, other, call.Files), one => one, options.Fold);
        return SpeechMeasure.OfOthers(model, string.Join(", ", options.Data), recordings, other,
            SpeechSearch.Of(model.Description, options.Beam, options.Words, call.Files), call);
    }

    private static SpeechAnswer Recognize(SpeechModel model, SpeechPredictOptions options, TaskCall call)
    {
        Sound[] sounds = [.. options.Data.SelectMany(name => Sounds(name, call.Files))];
        RecordingNotes.Say(sounds, model.Description.Features, call.Files.Note);
        IReadOnlyList<SpeechResult> results = model.Recognize(sounds,
            SpeechSearch.Of(model.Description, options.Beam, options.Words, call.Files), call.Threads, call.Stop);
        return new SpeechAnswer([.. results.Select(result => result with { Guesses = [.. result.Guesses.Take(options.Best)] })]);
    }

    private static IEnumerable<Sound> Sounds(string name, DataFiles files) =>
        name == ToneWords.Name && !files.Has(name) ? ToneWords.All(1).Where(r => r.Part == "test").Select(r => r.Read())
        : files.IsFolder(name) ? RecordingList.Folder(name, new RecordingPattern("{label}"), files.Note).Select(r => r.Read())
        : [WavFile.Read(name, files)];
}
