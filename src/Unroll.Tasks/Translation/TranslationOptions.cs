using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>Everything that decides a run of <c>translate</c>. The keys of its JSON are the options of the command line.</summary>
/// <remarks>Every property throws a <see cref="UserErrorException"/> for a value out of its range.</remarks>
public sealed record TranslationOptions
{
    /// <summary>One TSV file of pairs, or two line-aligned files: source, target.</summary>
    public IReadOnlyList<string> Data { get; init => field = Files(value, "data"); } = [];

    /// <summary>As <see cref="Data"/>, to validate on; empty: a part of the data.</summary>
    public IReadOnlyList<string> Valid { get; init => field = Files(value, "valid"); } = [];

    /// <summary>As <see cref="Data"/>, to test on; empty: a part of the data.</summary>
    public IReadOnlyList<string> Test { get; init => field = Files(value, "test"); } = [];

    /// <summary>The shares of the sources to train on and to validate on where the data do not say; the rest tests.</summary>
    public IReadOnlyList<double> Split { get; init => field = Check.Shares(value, "0.8,0.1"); } = [0.8, 0.1];

    /// <summary>What a symbol is: <c>word</c>, <c>bpe</c> (byte-pair units learned from the training part) or <c>char</c>.</summary>
    public string Unit { get; init => field = Check.OneOf(UnitWords, value, "unit"); } = "word";

    /// <summary>What a symbol of the targets is; null: as <see cref="Unit"/>.</summary>
    public string? TargetUnit { get; init => field = value is null ? null : Check.OneOf(UnitWords, value, "target-unit"); }

    /// <summary>How text is cut into words: <c>words</c> cuts punctuation off, <c>spaces</c> cuts at white space alone, for text that is cut already.</summary>
    public string Tokens { get; init => field = Check.OneOf(TokenWords, value, "tokens"); } = "words";

    /// <summary>Whether capital letters become small ones on both sides, in training and in measures.</summary>
    public bool Lower { get; init; }

    /// <summary>Units of <c>bpe</c>: how many merges are learned for each side.</summary>
    public int Merges { get; init => field = Check.Between(0, 1_000_000, value, "merges"); } = 4000;

    /// <summary>How often a symbol must occur in the training part to be known.</summary>
    public int MinCount { get; init => field = Check.Between(1, 1_000_000, value, "min-count"); } = 2;

    /// <summary>Pairs with a side of more symbols are not trained on.</summary>
    public int MaxLength { get; init => field = Check.Between(1, 1_000_000, value, "max-length"); } = 100;

    /// <summary>Features of an embedded symbol.</summary>
    public int Embedding { get; init => field = Check.Between(1, 16_384, value, "embedding"); } = 192;

    /// <summary><c>lstm</c>, <c>gru</c>, <c>gru-after</c>, <c>rnn</c>, <c>residual</c>, <c>lstm-ln</c> or <c>gru-ln</c>.</summary>
    public string Cell { get; init => field = Check.OneOf(ForecastOptions.CellWords, value, "cell"); } = "lstm";

    /// <summary>Units of the decoder's layers, and of the encoder's, whose directions share them.</summary>
    public int Hidden { get; init => field = Check.Between(1, 16_384, value, "hidden"); } = 256;

    /// <summary>Layers of the encoder, and of the decoder.</summary>
    public int Layers { get; init => field = Check.Between(1, 64, value, "layers"); } = 1;

    /// <summary>Whether the encoder reads from the begin alone, not from both ends.</summary>
    public bool OneWay { get; init; }

    /// <summary><c>luong</c> (general), <c>bahdanau</c> (additive) or <c>dot</c>.</summary>
    public string Attention { get; init => field = Check.OneOf(AttentionWords, value, "attention"); } = "bahdanau";

    /// <summary>Whether a step is not fed what the step before attended to.</summary>
    public bool NoFeeding { get; init; }

    /// <summary>Probability that a feature of symbols, between layers and before the output is dropped in training.</summary>
    public double Dropout { get; init => field = Check.Between(0, 0.99, value, "dropout"); } = 0.3;

    /// <summary>Scheduled sampling: the probability, grown evenly from 0 to this in the last epoch, that a step is given the network's own choice.</summary>
    public double Sampling { get; init => field = Check.Between(0, 1, value, "sampling"); }

    /// <summary>Pairs of a batch.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 64;

    /// <summary>Hypotheses that go on after each step when the test part is translated; 1 is greedy.</summary>
    public int Beam { get; init => field = Check.Between(1, 1000, value, "beam"); } = 5;

    /// <summary>α of the length normalization of a beam's scores; 0: none.</summary>
    public double LengthPenalty { get; init => field = Check.Between(0, 10, value, "length-penalty"); } = 1;

    /// <summary>How it learns; epochs null: about 5,000 updates, 10 to 60 epochs.</summary>
    public LearningOptions Learning { get; init; } = new() { LearningRate = 2e-3, Optimizer = "adam" };

    /// <summary>The words of <see cref="Unit"/>.</summary>
    public static IReadOnlyList<string> UnitWords { get; } = ["word", "bpe", "char"];

    /// <summary>The words of <see cref="Tokens"/>.</summary>
    public static IReadOnlyList<string> TokenWords { get; } = ["words", "spaces"];

    /// <summary>The words of <see cref="Attention"/>.</summary>
    public static IReadOnlyList<string> AttentionWords { get; } = ["luong", "bahdanau", "dot"];

    /// <summary>The options as indented JSON.</summary>
    public string ToJson() => JsonText.Of(json => TranslationOptionsText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What errors call it.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public static TranslationOptions FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Read(json, TranslationOptionsText.Read, "option");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of such a run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }

    private static IReadOnlyList<string> Files(IReadOnlyList<string> value, string option) => value.Count <= 2 ? value
        : throw new UserErrorException($"{option}: expected one TSV file of pairs or two line-aligned files (source,target), got {value.Count} files.");
}
