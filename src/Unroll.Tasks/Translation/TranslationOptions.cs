using Unroll.Layers.Attention;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>What a symbol of a text is.</summary>
public enum TranslationUnit
{
    /// <summary>A word or a punctuation mark.</summary>
    Word,

    /// <summary>A piece of a word: byte-pair units learned from the training part.</summary>
    Bpe,

    /// <summary>A character.</summary>
    Char,
}

/// <summary>How text is cut into words.</summary>
public enum TokenKind
{
    /// <summary>At white space, and punctuation apart.</summary>
    Words,

    /// <summary>At white space alone, for text that is cut already.</summary>
    Spaces,
}

/// <summary>Everything that decides a run of <c>translate</c>.</summary>
/// <remarks>
/// <see cref="TaskOptions.Data"/>, <see cref="TaskOptions.Valid"/> and <see cref="TaskOptions.Test"/> are one TSV file of pairs or two line-aligned
/// files, source and target, each. <see cref="TaskOptions.Hidden"/> are the units of the decoder's layers, shared by the directions of the encoder's;
/// <see cref="TaskOptions.Layers"/> are those of the encoder, and as many of the decoder. <see cref="TaskOptions.InitialState"/> is the encoder's:
/// the decoder begins with what the encoder ends with. Nothing is pooled.
/// </remarks>
public sealed record TranslationOptions : TaskOptions
{
    /// <summary>The defaults: epochs for about 5,000 updates, 10 to 60 of them.</summary>
    public TranslationOptions()
    {
        (Hidden, Dropout, Direction, Pooling) = (256, 0.3, ReadingDirection.Both, PoolingKind.None);
        (Batch, LearningRate) = (64, 2e-3);
    }

    /// <summary>What a symbol is.</summary>
    public TranslationUnit Unit { get; init; }

    /// <summary>What a symbol of the targets is; null: as <see cref="Unit"/>.</summary>
    public TranslationUnit? TargetUnit { get; init; }

    /// <summary>How text is cut into words.</summary>
    public TokenKind Tokens { get; init; }

    /// <summary>Whether capital letters become small ones on both sides, in training and in measures.</summary>
    public bool Lower { get; init; }

    /// <summary>Merges that are learned for each side whose unit is <see cref="TranslationUnit.Bpe"/>, from 0 to 1,000,000.</summary>
    public int Merges { get; init; } = 4000;

    /// <summary>
    /// Whether both sides have one set of symbols, learned from both together, and one table of their vectors: for languages that share words, names
    /// and numbers.
    /// </summary>
    public bool SharedUnits { get; init; }

    /// <summary>How often a symbol must occur in the training part to be known, from 1.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Pairs with a side of more symbols are not trained on; from 1.</summary>
    public int MaxLength { get; init; } = 100;

    /// <summary>Features of an embedded symbol, from 1 to 16,384.</summary>
    public int Embedding { get; init; } = 192;

    /// <summary>How the decoder compares its state with the steps of the source.</summary>
    public AttentionScore Attention { get; init; } = AttentionScore.Additive;

    /// <summary>Whether a step is not fed what the step before attended to.</summary>
    public bool NoFeeding { get; init; }

    /// <summary>
    /// The probability, grown evenly from 0 to this in the last epoch, that a step of the decoder is given the network's own choice instead of the
    /// true symbol, in [0, 1] (Bengio, Vinyals, Jaitly, Shazeer 2015, arXiv:1506.03099).
    /// </summary>
    public double ScheduledSampling { get; init; }

    /// <summary>Hypotheses of the beam search where nothing else is said, from 1, which is greedy, to 1,000.</summary>
    public int Beam { get; init; } = 5;

    /// <summary>α of the length normalization of the search's scores where nothing else is said, in [0, 10]; 0: none.</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<TranslationOptions> Table { get; } = new OptionTable<TranslationOptions>()
        .Strings("data", "FILE.tsv|SOURCE,TARGET",
            "lines of source TAB target, or part TAB source TAB target; or two files whose lines belong together",
            o => o.Data, (o, v) => o with { Data = v }).NotSwept(Unswept.Data)
        .Include(TaskOptionLines.Parts)
        .Choice("unit", "what a symbol is", o => o.Unit, (o, v) => o with { Unit = v }).OfModel().NotSwept(Unswept.Measure)
        .Choice("target-unit", "what a symbol of the targets is (default: as of the sources)",
            o => o.TargetUnit, (o, v) => o with { TargetUnit = v }).OfModel().NotSwept(Unswept.Measure)
        .Choice("tokens", "how text is cut into words, with punctuation apart or at white space alone",
            o => o.Tokens, (o, v) => o with { Tokens = v }).OfModel().NotSwept(Unswept.Measure)
        .Bool("lower", "make capital letters small, in measures too", o => o.Lower, (o, v) => o with { Lower = v }).OfModel()
            .NotSwept(Unswept.Measure)
        .Int("merges", "N", "bpe: merges learned for each side", o => o.Merges, (o, v) => o with { Merges = v }, 0, 1_000_000).OfModel()
            .NotSwept(Unswept.Measure)
        .Bool("shared-units", "learn one set of symbols from both sides, with one table of their vectors",
            o => o.SharedUnits, (o, v) => o with { SharedUnits = v }).OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Int("min-count", "N", "how often a symbol must occur to be known",
            o => o.MinCount, (o, v) => o with { MinCount = v }, 1, 1_000_000).OfModel().NotSwept(Unswept.Measure)
        .Int("max-length", "N", "leave pairs with more symbols on a side out of training",
            o => o.MaxLength, (o, v) => o with { MaxLength = v }, 1, 1_000_000)
        .Int("embedding", "N", "features of an embedded symbol", o => o.Embedding, (o, v) => o with { Embedding = v }, 1, 16_384).OfModel()
        .Choice("attention", "how the decoder compares itself with the source", o => o.Attention, (o, v) => o with { Attention = v },
            ["dot", "luong", "bahdanau"]).OfModel()
        .Bool("no-feeding", "do not feed a step what the step before attended to", o => o.NoFeeding, (o, v) => o with { NoFeeding = v }).OfModel()
        .Double("scheduled-sampling", "probability, reached in the last epoch, that a step is given the network's own choice",
            o => o.ScheduledSampling, (o, v) => o with { ScheduledSampling = v }, 0, 1).Was("sampling")
        .Int("beam", "N", "hypotheses of the search; 1: greedy", o => o.Beam, (o, v) => o with { Beam = v }, 1, 1000).NotSwept(Unswept.Afterwards)
        .Double("length-penalty", "length normalization of the search; 0: none", o => o.LengthPenalty, (o, v) => o with { LengthPenalty = v }, 0, 10)
            .NotSwept(Unswept.Afterwards)
        .Include(TaskOptionLines.Network)
        .Include(TaskOptionLines.Smoothing)
        .Include(TaskOptionLines.Learning)
        .Together(o => Files("data", o.Data) ?? Files("valid", o.Valid) ?? Files("test", o.Test))
        .Together(o => o.SharedUnits && o.TargetUnit is { } unit && unit != o.Unit
            ? "shared-units: both sides have the same symbols, so that target-unit cannot differ from unit; leave one of them out." : null)
        .Together(o => o.Pooling == PoolingKind.None ? null
            : "pooling: expected none because the decoder looks at every step of the source; leave it out.");

    /// <summary>What is wrong with the names of files of pairs; null: nothing.</summary>
    internal static string? Files(string option, IReadOnlyList<string> names) => names.Count <= 2 ? null
        : $"{option}: expected one TSV file of pairs or two line-aligned files (source,target), got {names.Count} files.";
}
