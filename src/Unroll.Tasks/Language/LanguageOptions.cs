using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>Everything that decides a run of a language model: text, vocabulary, network, training.</summary>
/// <remarks>The defaults are those for characters; <see cref="Defaults"/> has those for words.</remarks>
public sealed record LanguageOptions : TaskOptions
{
    private const string EachFollows = "each symbol of a text follows those before it";

    /// <summary>The defaults for characters.</summary>
    public LanguageOptions() =>
        (Data, Split, Hidden, Layers, Dropout, Epochs, LearningRate) = ([GrammarText.Name], [0.9, 0.05], 384, 2, 0.25, 12, 3e-3);

    /// <summary>What a symbol is.</summary>
    public TextUnit Unit { get; init; }

    /// <summary>The maximum size of the vocabulary, <c>&lt;unk&gt;</c> included; null: no limit.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>How often a symbol must occur in the training part to be taken into the vocabulary.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>
    /// The word that the text itself has for words that it does not know, such as <c>&lt;unk&gt;</c> in corpora that are prepared so; null: none, and
    /// <c>&lt;unk&gt;</c> is a word like any other.
    /// </summary>
    public string? UnknownWord { get; init; }

    /// <summary>Merges of byte pairs at the maximum.</summary>
    public int Merges { get; init; } = 5_000;

    /// <summary>
    /// Whether a text is read from its end: each symbol is predicted from those after it. Beside a model that reads forward it is the other half of
    /// what tasks that read from both ends can begin with.
    /// </summary>
    public bool Reverse { get; init; }

    /// <summary>Features of a symbol.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>Whether the output's weights are the embedding's table; where the hidden size is another, a linear layer lies between.</summary>
    public bool TieWeights { get; init; }

    /// <summary>Probability that a feature of a symbol's vector is dropped; null: <see cref="TaskOptions.Dropout"/>.</summary>
    public double? DropoutInput { get; init; }

    /// <summary>Probability that an output between two recurrent layers is dropped; null: <see cref="TaskOptions.Dropout"/>.</summary>
    public double? DropoutHidden { get; init; }

    /// <summary>Probability that an output of the last recurrent layer is dropped; null: <see cref="TaskOptions.Dropout"/>.</summary>
    public double? DropoutOutput { get; init; }

    /// <summary>Probability that a symbol's vector is dropped for an update, wherever the symbol stands (arXiv:1512.05287).</summary>
    public double DropoutEmbedding { get; init; }

    /// <summary>Probability that a weight from hidden state to hidden state is dropped for an update (arXiv:1708.02182).</summary>
    public double WeightDrop { get; init; }

    /// <summary>k1, k2 of truncated backpropagation: an update every k1 symbols, through k2 symbols. One number stands for both.</summary>
    public IReadOnlyList<int> Bptt { get; init => field = value.Count == 1 ? [value[0], value[0]] : value; } = [64, 64];

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<LanguageOptions> Table { get; } = new OptionTable<LanguageOptions>()
        .Strings("data", "FILE[,FILE…]|-", "text in UTF-8, - for standard input, or grammar: a generated text",
            o => o.Data, (o, v) => o with { Data = v }).NotSwept(Unswept.Data)
        .Include(TaskOptionLines.Files)
        .Include(TaskOptionLines.Shares)
        .Choice("unit",
            "what a symbol is (bpe: pieces of words, byte pairs); words and pieces have their own vocabulary, " +
            "embedding, hidden, dropout, tie-weights, batch, bptt and learning if not set",
            o => o.Unit, (o, v) => o with { Unit = v }).OfModel().NotSwept(Unswept.Measure)
        .Int("vocabulary", "N", "the maximum number of symbols, <unk> included (default: all; words 10000)",
            o => o.Vocabulary, (o, v) => o with { Vocabulary = v }, 2, 1 << 24).OfModel().NotSwept(Unswept.Measure)
        .Int("min-count", "N", "how often a symbol must occur in the training part", o => o.MinCount, (o, v) => o with { MinCount = v }, 1, 1_000_000)
            .Was("least-count").OfModel().NotSwept(Unswept.Measure)
        .String("unknown-word", "WORD", "the word that the text has for words that it does not know, such as <unk> (default: none)",
            o => o.UnknownWord!, (o, v) => o with { UnknownWord = v }).OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Int("merges", "N", "merges of byte pairs, with the unit bpe", o => o.Merges, (o, v) => o with { Merges = v }, 1, 1_000_000)
            .OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Bool("reverse", "read the text from its end", o => o.Reverse, (o, v) => o with { Reverse = v }).OfModel().MayBeAbsent()
            .NotSwept(Unswept.Measure)
        .Int("embedding", "N", "features of a symbol", o => o.Embedding, (o, v) => o with { Embedding = v }, 1, 16_384).OfModel()
        .Bool("tie-weights", "the output's weights are the embedding's", o => o.TieWeights, (o, v) => o with { TieWeights = v }).Was("tied").OfModel()
        .Ints("bptt", "K1[,K2]", "an update every K1 symbols, through K2 symbols", o => o.Bptt, (o, v) => o with { Bptt = v }, WrongBptt)
        .Include(TaskOptionLines.Network)
        .Double("dropout-input", "dropout of the symbols' vectors (default: dropout)", o => o.DropoutInput, (o, v) => o with { DropoutInput = v },
            0, 0.99).MayBeAbsent()
        .Double("dropout-hidden", "dropout between recurrent layers (default: dropout)", o => o.DropoutHidden,
            (o, v) => o with { DropoutHidden = v }, 0, 0.99).MayBeAbsent()
        .Double("dropout-output", "dropout before the output (default: dropout)", o => o.DropoutOutput, (o, v) => o with { DropoutOutput = v },
            0, 0.99).MayBeAbsent()
        .Double("dropout-embedding", "probability that a symbol's whole vector is dropped for an update, wherever the symbol stands",
            o => o.DropoutEmbedding, (o, v) => o with { DropoutEmbedding = v }, 0, 0.99).MayBeAbsent()
        .Double("weight-drop", "probability that a weight from hidden state to hidden state is dropped for an update",
            o => o.WeightDrop, (o, v) => o with { WeightDrop = v }, 0, 0.99).MayBeAbsent()
        .Include(TaskOptionLines.Learning)
        .Together(o => o.Test.Count > 0 && o.Valid.Count == 0
            ? "test: a file that tests needs one that validates beside it; name one with valid too, or leave test out for shares of the data." : null)
        .Together(o => o.UnknownWord is not null && o.Unit != TextUnit.Word
            ? $"unknown-word: a symbol is a {(o.Unit == TextUnit.Char ? "character" : "piece of a word")}, so that no word is one; leave it out, " +
                "or choose the unit word." : null)
        .Together(o => o.Merges != new LanguageOptions().Merges && o.Unit != TextUnit.Bpe
            ? "merges: they make pieces of words, and the unit is another one; leave it out, or choose the unit bpe." : null)
        .Together(o => o.DropoutHidden > 0 && o.Layers == 1
            ? "dropout-hidden: it lies between recurrent layers, and there is one; leave it out, or choose more layers." : null)
        .Together(o => o.Direction != ReadingDirection.Forward
            ? $"direction: expected forward because {EachFollows}, got {o.Direction.ToString().ToLowerInvariant()}." : null)
        .Together(o => o.Pooling != PoolingKind.None
            ? $"pooling: expected none because each symbol has an output, got {o.Pooling.ToString().ToLowerInvariant()}." : null)
        .Together(o => o.Fold is not null || o.Folds > 0 || o.CrossValidate ? $"fold: expected none because {EachFollows}; use split." : null);

    /// <summary>The defaults for a unit.</summary>
    /// <param name="unit">What a symbol is.</param>
    /// <remarks>
    /// Those for words: the small model of Zaremba et al. 2014, with tied weights, dropout, and a rate that falls where validation stalls.
    /// </remarks>
    public static LanguageOptions Defaults(TextUnit unit) => unit == TextUnit.Char ? new LanguageOptions() : new LanguageOptions
    {
        Unit = unit, Vocabulary = unit == TextUnit.Word ? 10_000 : null, Embedding = 200, Hidden = 200, Dropout = 0.2, TieWeights = true,
        Batch = 20, Bptt = [35],
        Optimizer = OptimizerKind.Sgd, LearningRate = 20, Clip = 0.25,
        Schedule = ScheduleKind.Plateau, LearningRateFactor = 0.25, LearningRatePatience = 0,
    };

    private static string? WrongBptt(IReadOnlyList<int> k) => k.Count == 2 && k[0] >= 1 && k[1] >= k[0]
        ? null
        : "expected k1,k2 with 1 ≤ k1 ≤ k2, such as 64 or 32,96 (an update every k1 symbols, through k2 symbols), " +
            $"got {string.Join(',', k)}.";
}
