using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>What a model of music sees.</summary>
public enum MusicKind
{
    /// <summary>Tunes where the files are ABC, else rolls.</summary>
    Auto,

    /// <summary>Which of 88 keys sound in each step.</summary>
    Roll,

    /// <summary>A melody as symbols of ABC.</summary>
    Tune,
}

/// <summary>How the keys of a step go together.</summary>
public enum MusicKeys
{
    /// <summary>A step is spelt note by note, each after those before it, so that chords are learned as wholes.</summary>
    Joint,

    /// <summary>Each key is an output by itself.</summary>
    Independent,
}

/// <summary>What decides a run of <c>music</c>.</summary>
public sealed record MusicOptions : TaskOptions
{
    /// <summary>The defaults of tunes and of independent keys; those of rolls that are spelt note by note are <see cref="NoteByNote"/>.</summary>
    public MusicOptions() => (Hidden, Dropout, Batch, LearningRate, Optimizer) = (256, 0.5, 4, 2e-3, OptimizerKind.AdamW);

    /// <summary>The defaults of rolls that are spelt note by note.</summary>
    public static MusicOptions NoteByNote { get; } = new() { Dropout = 0.4, LearningRate = 4e-3 };

    /// <summary>What options mean in files that were written before rolls were spelt note by note.</summary>
    internal static MusicOptions Earlier { get; } = new() { Keys = MusicKeys.Independent };

    /// <summary>Moves by so many semitones up and down reach all twelve keys.</summary>
    internal const int TwelveKeys = 6;

    /// <summary>What the model sees.</summary>
    public MusicKind Kind { get; init; }

    /// <summary>Rolls: how the keys of a step go together.</summary>
    public MusicKeys Keys { get; init; }

    /// <summary>Rolls spelt note by note: voices kept apart, 0 … 16, 0: none; null: those of the files, where they keep some apart.</summary>
    public int? Voices { get; init; }

    /// <summary>Steps of a quarter note where MIDI or a score is laid on a grid, and of a piano roll where it is written as MIDI; 1 … 96.</summary>
    public int StepsPerQuarter { get; init; } = 1;

    /// <summary>
    /// Rolls: semitones by which a piece is moved up or down at most, drawn anew in each epoch; 0 … 12, 0: never; null: twelve keys where steps are
    /// spelt note by note, else never.
    /// </summary>
    public int? Transpose { get; init; }

    /// <summary>Tunes: whether chord symbols are learned too.</summary>
    public bool Chords { get; init; }

    /// <summary>Tunes, and rolls spelt note by note: features of what the network sees, once embedded, 1 … 16384.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<MusicOptions> Table { get; } = new OptionTable<MusicOptions>()
        .Strings("data", "FILE|FOLDER[,…]", "piano rolls (.json), MIDI (.mid) or tunes (.abc)", o => o.Data, (o, v) => o with { Data = v })
            .NotSwept(Unswept.Data)
        .Choice("kind", "keys of a piano, or symbols of a tune", o => o.Kind, (o, v) => o with { Kind = v }).OfModel().NotSwept(Unswept.Measure)
        .Choice("keys", "rolls: spell a step note by note, or let each key be an output by itself", o => o.Keys, (o, v) => o with { Keys = v })
            .OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Int("voices", "N", "rolls spelt note by note: voices kept apart, 0: none (default: those of the files, where they keep some apart)",
            o => o.Voices, (o, v) => o with { Voices = v }, 0, 16).OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Include(TaskOptionLines.Parts)
        .Int("steps-per-quarter", "N", "steps of a quarter note", o => o.StepsPerQuarter, (o, v) => o with { StepsPerQuarter = v }, 1, 96).OfModel()
            .NotSwept(Unswept.Measure)
        .Int("transpose", "N", "rolls: semitones by which pieces are moved in training at most (default: all twelve keys; independent keys: 0)",
            o => o.Transpose, (o, v) => o with { Transpose = v }, 0, 12)
        .Bool("chords", "tunes: learn chord symbols too", o => o.Chords, (o, v) => o with { Chords = v }).OfModel().NotSwept(Unswept.Measure)
        .Int("embedding", "N", "features of an embedded symbol", o => o.Embedding, (o, v) => o with { Embedding = v }, 1, 16_384).OfModel()
        .Include(TaskOptionLines.Network)
        .Include(TaskOptionLines.Learning)
        .Together(o => o.Voices is null || o is { Kind: not MusicKind.Tune, Keys: MusicKeys.Joint } ? null
            : "voices: they are for rolls that are spelt note by note (keys joint); leave it out.")
        .Together(o => o.Direction == ReadingDirection.Forward ? null
            : "direction: music is composed from its beginning on, so that a model reads forward alone; leave it out.")
        .Together(o => o.Pooling == PoolingKind.None ? null : "pooling: each step of a piece has an output; leave it out.")
        .Together(o => o.CrossValidate ? "cross-validate: music has no folds that test in turn; name the fold that tests with fold." : null);
}
