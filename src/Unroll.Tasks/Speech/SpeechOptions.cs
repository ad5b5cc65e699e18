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

/// <summary>What decides which epoch's weights are kept.</summary>
public enum EpochChoice
{
    /// <summary><see cref="Last"/> where a speaker is held out to test on, else <see cref="Valid"/>.</summary>
    Auto,

    /// <summary>The fewest errors on the validation part.</summary>
    Valid,

    /// <summary>The fewest errors on a speaker who is not trained on: the one whose name follows that of the speaker who tests.</summary>
    Speaker,

    /// <summary>Nothing: the last epoch is kept, and where a speaker is held out to test on, all recordings of the others train.</summary>
    Last,
}

/// <summary>Everything that decides a speech run: recordings, features, model, learning.</summary>
public sealed record SpeechOptions : TaskOptions
{
    internal const int DefaultEpochs = 30, MostOrder = 10;

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

    /// <summary>
    /// The kinds of features that the members take in turn, among <see cref="FeatureKinds.All"/>: members that hear differently err differently.
    /// Empty: all as <see cref="Features"/> says.
    /// </summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>What features get mean 0 and deviation 1 by.</summary>
    public FeatureNormalization Normalize { get; init; }

    /// <summary>
    /// Seconds of a quiet room after every recording, in training and later: a network that writes down words in the order of time needs a moment
    /// after the last one; null: 0.2 for such a network in mode ctc, else none.
    /// </summary>
    public double? Tail { get; init; }

    /// <summary>What decides which epoch's weights are kept.</summary>
    /// <remarks>Recordings of voices that are trained on say little about a voice that is not: their errors vanish long before its do.</remarks>
    public EpochChoice ChooseEpoch { get; init; }

    /// <summary>Never <see cref="EpochChoice.Auto"/>.</summary>
    internal EpochChoice Choice => ChooseEpoch != EpochChoice.Auto ? ChooseEpoch
        : Fold is not null && Folds == 0 && Valid.Count == 0 ? EpochChoice.Last : EpochChoice.Valid;

    /// <summary>Random changes of the training part.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { Speed = 0.2, Noise = 0.2 };

    /// <summary>The order of an n-gram of the training part's texts that beam search weighs, in mode ctc; 0: none.</summary>
    public int NGram { get; init; }

    /// <summary>A file of texts, a line each, that the n-gram counts instead; null: those of the training part.</summary>
    public string? NGramText { get; init; }

    /// <summary>How much the n-gram counts beside what is heard; null: the weight with the fewest errors on the validation part.</summary>
    public double? NGramWeight { get; init; }

    /// <summary>Its lines, in the order of help texts and files.</summary>
    public static OptionTable<SpeechOptions> Table { get; } = new OptionTable<SpeechOptions>()
        .Strings("data", "tones|FOLDER|FILE.csv", "made-up words (default), folders of WAV files, or manifests with the columns path, label",
            o => o.Data, (o, v) => o with { Data = v }).NotSwept(Unswept.Data)
        .String("pattern", "PATTERN", "what file names in a folder say (default {label}_*; also {speaker}, {part}, and folders: {label}/*)",
            o => o.Pattern, (o, v) => o with { Pattern = v }).NotSwept(Unswept.Data)
        .String("path", "COLUMN", "the manifest's column of files (default path or file)", o => o.Path, (o, v) => o with { Path = v })
            .NotSwept(Unswept.Data)
        .String("label", "COLUMN", "the manifest's column of words (default label or text)", o => o.Label, (o, v) => o with { Label = v })
            .NotSwept(Unswept.Data)
        .String("folder", "FOLDER", "where the manifest's paths begin (default: its own folder)", o => o.Folder, (o, v) => o with { Folder = v })
            .NotSwept(Unswept.Data)
        .Include(TaskOptionLines.Parts)
        .String("hold-out", "SPEAKER", "fold", _ => null, (o, v) => o with { Fold = v }).IsOld()
        .Choice("choose-epoch", "keep the epoch with the fewest errors on the validation part or on another speaker who is not trained on, or the " +
            "last one; auto: last where a speaker is held out, else valid", o => o.ChooseEpoch, (o, v) => o with { ChooseEpoch = v }).MayBeAbsent()
            .NotSwept(Unswept.Measure)
        .Choice("mode", "a label for a recording, or strings of words", o => o.Mode, (o, v) => o with { Mode = v }).OfModel()
            .NotSwept(Unswept.Measure)
        .Range("join", "join so many recordings to a string, in mode ctc", o => o.Join, (o, v) => o with { Join = v }, WrongJoin)
            .NotSwept(Unswept.Data)
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
        .Strings("features", "KIND[,KIND…]",
            $"features that the members take in turn: {string.Join(" or ", FeatureKinds.All)}, as many log-mel filters as there would be cepstral " +
            "coefficients (default: as the options mels and cepstra say)",
            o => o.Kinds, (o, v) => o with { Kinds = v }, FeatureKinds.Wrong).OfModel().MayBeAbsent()
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
        .Int("masks", "N", "how many bands of filters and of steps are hidden, each as wide as mask says",
            o => o.Augmentation.Masks, (o, v) => o with { Augmentation = o.Augmentation with { Masks = v } }).MayBeAbsent()
        .Double("vtlp", "greatest random change of the frequencies of formants, as of another vocal tract",
            o => o.Augmentation.Vtlp, (o, v) => o with { Augmentation = o.Augmentation with { Vtlp = v } }).MayBeAbsent()
        .Double("tempo", "greatest random change of the tempo alone, with pitch and formants as they are",
            o => o.Augmentation.Tempo, (o, v) => o with { Augmentation = o.Augmentation with { Tempo = v } }).MayBeAbsent()
        .Int("ngram", "N", "order of an n-gram of the training part's texts that beam search weighs, in mode ctc; 0: none",
            o => o.NGram, (o, v) => o with { NGram = v }, 0, MostOrder).MayBeAbsent().NotSwept(Unswept.Afterwards)
        .String("ngram-text", "FILE", "texts that the n-gram counts, a line each (default: those of the training part)",
            o => o.NGramText, (o, v) => o with { NGramText = v }).MayBeAbsent().NotSwept(Unswept.Afterwards)
        .Double("ngram-weight", "how much the n-gram counts (default: the weight with the fewest errors on the validation part)",
            o => o.NGramWeight, (o, v) => o with { NGramWeight = v }, 0, 10).NotSwept(Unswept.Afterwards)
        .Include(TaskOptionLines.Network)
        .Include(TaskOptionLines.Learning)
        .Together(o => o.Join.Count > 0 && o.Mode != SpeechMode.Ctc
            ? "join: a string of several recordings has no single label; choose mode ctc, or leave join out." : null)
        .Together(o => o.Mode == SpeechMode.Ctc && o.Augmentation.Mask > 0.5
            ? $"mask: expected at most 0.5 in mode ctc, because words that are hidden cannot be written down, got {o.Augmentation.Mask}." : null)
        .Together(o => o.ChooseEpoch == EpochChoice.Speaker && o.Valid.Count > 0
            ? "choose-epoch: valid names recordings to validate on, so that no speaker is held out for it; leave one of both out." : null)
        .Together(o => o.ChooseEpoch == EpochChoice.Last && o.Patience is not null
            ? "patience: the last epoch is kept, so that none is waited for; leave patience out, or choose the epoch by valid or speaker." : null)
        .Together(o => o.Augmentation is { Masks: > 1, Mask: 0 } masks
            ? $"masks: mask is 0, so that {masks.Masks} bands hide nothing; leave masks out, or give mask a share." : null)
        .Together(o => o.Kinds.Count > o.Members
            ? $"features: {o.Kinds.Count} kinds are for as many members, and there {(o.Members == 1 ? "is 1" : $"are {o.Members}")}; choose " +
                $"members {o.Kinds.Count} or more, or one kind." : null)
        .Together(WrongNGram)
        .Together(WrongPooling)
        .Together(WrongFeatures);

    /// <summary>What is wrong with the bounds of <see cref="Join"/>; null: nothing.</summary>
    internal static string? WrongJoin(IReadOnlyList<int> value) =>
        value.Count == 0 || (value.Count == 2 && value[0] >= 1 && value[1] >= value[0] && value[1] <= 1000)
            ? null
            : $"expected the minimum and the maximum number of recordings of a string, such as 3..7, got {string.Join("..", value)}.";

    private static string? WrongNGram(SpeechOptions o) => o switch
    {
        { NGram: 0, NGramText: not null } => "ngram-text: it is what an n-gram counts; give its order by ngram, or leave it out.",
        { NGram: 0, NGramWeight: not null } => "ngram-weight: it is the weight of an n-gram; give its order by ngram, or leave it out.",
        { NGram: > 0, Mode: not SpeechMode.Ctc } => "ngram: a recording with one label has no words that follow each other; choose mode ctc.",
        { NGram: > 0, NGramText: null, Join.Count: > 0 } =>
            "ngram: strings that are joined at random have no order to count; name texts by ngram-text, or leave join out.",
        _ => null,
    };

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
            foreach (FeatureOptions features in FeatureKinds.Of(o.Features, o.Kinds))
                _ = new FeatureExtractor(features with { Rate = o.Rate ?? 16_000 });
            return null;
        }
        catch (UserErrorException e)
        {
            return e.Message;
        }
    }
}
