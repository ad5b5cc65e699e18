using Unroll.Core;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>What a recording is labeled with.</summary>
public enum SpeechMode
{
    /// <summary>One label for a recording.</summary>
    Word,

    /// <summary>A string of words, none of which is marked in time (connectionist temporal classification).</summary>
    Ctc,
}

/// <summary>What features get mean 0 and deviation 1 by.</summary>
public enum FeatureNormalization
{
    /// <summary>The recording for a network that reads it from both ends, else the training part.</summary>
    Auto,

    /// <summary>Each recording by its own statistics, which takes the microphone and much of the voice away.</summary>
    Recording,

    /// <summary>Statistics of the training part, which a stream can use.</summary>
    Training,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Everything that decides a speech run: recordings, features, model, learning.</summary>
public sealed record SpeechOptions : TaskOptions
{
    internal const int DefaultEpochs = 30;

    /// <summary>The defaults: made-up words, and a network that does well on spoken digits.</summary>
    public SpeechOptions()
    {
        Data = [ToneWords.Name];
        Cell = "gru";
        Layers = 2;
        Direction = ReadingDirection.Both;
        Pooling = PoolingKind.Attention;
        Dropout = 0.3;
        Epochs = DefaultEpochs;
        LearningRate = 3e-3;
        Warmup = 1;
    }

    /// <summary>What the names in a folder say; see <see cref="RecordingPattern"/>.</summary>
    public string Pattern { get; init; } = "{label}_*";

    /// <summary>A manifest's column with the paths; null: <c>path</c> or <c>file</c>.</summary>
    public string? Path { get; init; }

    /// <summary>A manifest's column with the words; null: <c>label</c> or <c>text</c>.</summary>
    public string? Label { get; init; }

    /// <summary>Where a manifest's paths begin; null: its own folder.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// What a recording is labeled with. Setting it sets <see cref="TaskOptions.Pooling"/> too where that cannot stay: to none in mode ctc, which
    /// has an output for each step, and from none to attention in mode word.
    /// </summary>
    public SpeechMode Mode
    {
        get;
        init
        {
            field = value;
            if (value == SpeechMode.Ctc) Pooling = PoolingKind.None;
            else if (Pooling == PoolingKind.None) Pooling = PoolingKind.Attention;
        }
    }

    /// <summary>The minimum and the maximum number of recordings that are joined to one string, in mode ctc; empty: recordings as they are.</summary>
    public IReadOnlyList<int> Join { get; init; } = [];

    /// <summary>Samples a second that the network hears; null: the commonest rate of the recordings, at most 16000.</summary>
    public int? Rate { get; init; }

    /// <summary>The features of a step; their rate is that of <see cref="Rate"/>.</summary>
    public FeatureOptions Features { get; init; } = new() { Mels = 24, Cepstra = 13 };

    /// <summary>What features get mean 0 and deviation 1 by.</summary>
    public FeatureNormalization Normalize { get; init; }

    /// <summary>
    /// Seconds of a quiet room after every recording, in training and later: a network that writes down words in the order of time needs a moment
    /// after the last one; null: 0.2 for such a network in mode ctc, else none.
    /// </summary>
    public double? Tail { get; init; }

    /// <summary>Random changes of the training part.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { Speed = 0.2, Noise = 0.2 };

    /// <summary>Its lines, in the order of help texts and files.</summary>
    public static OptionTable<SpeechOptions> Table { get; } = new OptionTable<SpeechOptions>()
        .Strings("data", "tones|FOLDER|FILE.csv", "made-up words (default), folders of WAV files, or manifests with the columns path, label",
            o => o.Data, (o, v) => o with { Data = v })
        .String("pattern", "PATTERN", "what file names in a folder say (default {label}_*; also {speaker}, {part}, and folders: {label}/*)",
            o => o.Pattern, (o, v) => o with { Pattern = v })
        .String("path", "COLUMN", "the manifest's column of files (default path or file)", o => o.Path, (o, v) => o with { Path = v })
        .String("label", "COLUMN", "the manifest's column of words (default label or text)", o => o.Label, (o, v) => o with { Label = v })
        .String("folder", "FOLDER", "where the manifest's paths begin (default: its own folder)", o => o.Folder, (o, v) => o with { Folder = v })
        .Include(TaskOptionLines.Parts)
        .String("hold-out", "SPEAKER", "fold", _ => null, (o, v) => o with { Fold = v }).IsOld()
        .Choice("mode", "a label for a recording, or strings of words", o => o.Mode, (o, v) => o with { Mode = v }).OfModel()
        .Range("join", "join so many recordings to a string, in mode ctc", o => o.Join, (o, v) => o with { Join = v }, WrongJoin)
        .Int("rate", "N", "samples a second (default: the recordings' own, at most 16000)",
            o => o.Rate, (o, v) => o with { Rate = v }, 1000, 96_000).OfModel()
        .Double("frame", "milliseconds of a window",
            o => o.Features.WindowMs, (o, v) => o with { Features = o.Features with { WindowMs = v } }).OfModel()
        .Double("hop", "milliseconds from window to window",
            o => o.Features.HopMs, (o, v) => o with { Features = o.Features with { HopMs = v } }).OfModel()
        .Double("pre-emphasis", "weight of the sample before that is taken off",
            o => o.Features.PreEmphasis, (o, v) => o with { Features = o.Features with { PreEmphasis = v } }).OfModel()
        .Int("mels", "N", "mel filters", o => o.Features.Mels, (o, v) => o with { Features = o.Features with { Mels = v } }).OfModel()
        .Choice("mel-scale", "the scale of the filters",
            o => o.Features.Scale, (o, v) => o with { Features = o.Features with { Scale = v } }).OfModel()
        .Double("low", "where the filters begin, in Hz",
            o => o.Features.LowHz, (o, v) => o with { Features = o.Features with { LowHz = v } }).OfModel()
        .Double("high", "where the filters end, in Hz (default: half the rate)",
            o => o.Features.HighHz, (o, v) => o with { Features = o.Features with { HighHz = v } }).OfModel()
        .Int("cepstra", "N", "cepstral coefficients of the filters, MFCC; 0: the filters themselves",
            o => o.Features.Cepstra, (o, v) => o with { Features = o.Features with { Cepstra = v } }).OfModel()
        .Int("deltas", "N", "orders of differences in time, 0 to 2",
            o => o.Features.Deltas, (o, v) => o with { Features = o.Features with { Deltas = v } }).OfModel()
        .Choice("normalize", "what features get mean 0 and deviation 1 by",
            o => o.Normalize, (o, v) => o with { Normalize = v }).Was("normalise").OfModel()
        .Double("tail", "seconds of silence after every recording (default: 0.2 with direction forward in mode ctc, else 0)",
            o => o.Tail, (o, v) => o with { Tail = v }, 0, 10).OfModel()
        .Double("speed", "greatest random change of speed, and with it of pitch and resonances",
            o => o.Augmentation.Speed, (o, v) => o with { Augmentation = o.Augmentation with { Speed = v } })
        .Double("shift", "longest random silence around a recording, in seconds",
            o => o.Augmentation.Shift, (o, v) => o with { Augmentation = o.Augmentation with { Shift = v } })
        .Double("noise", "greatest random noise, as a share of the recording's loudness",
            o => o.Augmentation.Noise, (o, v) => o with { Augmentation = o.Augmentation with { Noise = v } })
        .Double("mask", "greatest share of filters and of steps that is hidden at random",
            o => o.Augmentation.Mask, (o, v) => o with { Augmentation = o.Augmentation with { Mask = v } })
        .Include(TaskOptionLines.Network)
        .Include(TaskOptionLines.Learning)
        .Together(o => o.Join.Count > 0 && o.Mode != SpeechMode.Ctc
            ? "join: a string of several recordings has no single label; choose mode ctc, or leave join out." : null)
        .Together(o => o.Mode == SpeechMode.Ctc && o.Augmentation.Mask > 0.5
            ? $"mask: expected at most 0.5 in mode ctc, because words that are hidden cannot be written down, got {o.Augmentation.Mask}." : null)
        .Together(WrongPooling)
        .Together(WrongFeatures);

    /// <summary>What is wrong with the bounds of <see cref="Join"/>; null: nothing.</summary>
    internal static string? WrongJoin(IReadOnlyList<int> value) =>
        value.Count == 0 || (value.Count == 2 && value[0] >= 1 && value[1] >= value[0] && value[1] <= 1000)
            ? null
            : $"expected the minimum and the maximum number of recordings of a string, such as 3..7, got {string.Join("..", value)}.";

    private static string? WrongPooling(SpeechOptions o) => (o.Mode, o.Pooling) switch
    {
        (SpeechMode.Ctc, not PoolingKind.None) => "pooling: in mode ctc each step has an output; choose none, or mode word.",
        (SpeechMode.Word, PoolingKind.None) =>
            "pooling: in mode word a recording has one label, so its steps must become one; choose attention, mean, max or last.",
        (SpeechMode.Word, PoolingKind.Flatten) =>
            "pooling: recordings differ in length, and flatten needs equal ones; choose attention, mean, max or last.",
        _ => null,
    };

    // What is refused is refused before a thousand files are read.
    private static string? WrongFeatures(SpeechOptions o)
    {
        try
        {
            _ = new FeatureExtractor(o.Features with { Rate = o.Rate ?? 16_000 });
            return null;
        }
        catch (UserErrorException e)
        {
            return e.Message;
        }
    }
}
