using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>
/// Everything that decides a run of a language model: text, vocabulary, network, training. The keys of its JSON are the options of the command line.
/// Every property throws a <see cref="UserErrorException"/> for a value out of its range.
/// </summary>
public sealed record LanguageOptions
{
    /// <summary>Text files, one after the other; <c>-</c> for standard input; <c>grammar</c> for the text of <see cref="GrammarText"/>.</summary>
    public IReadOnlyList<string> Data
    {
        get;
        init => field = value.Count > 0 && value.Count(file => file == "-") <= 1
            ? value
            : throw new UserErrorException(value.Count == 0 ? "data: expected a text file, got none." : "data: standard input ('-') can be read once, and it is named twice.");
    } = [GrammarText.Name];

    /// <summary>A file that validates; null: a share of the data.</summary>
    public string? Valid { get; init; }

    /// <summary>A file that tests; null: a share of the data, or nothing where <see cref="Valid"/> is a file.</summary>
    public string? Test { get; init; }

    /// <summary>The shares of the data to train on and to validate on, from the beginning; the rest tests. Not used where <see cref="Valid"/> is a file.</summary>
    public IReadOnlyList<double> Split
    {
        get;
        init => field = value.Count == 2 && value[0] > 0 && value[1] >= 0 && value[0] + value[1] <= 1 + 1e-9
            ? value
            : throw new UserErrorException("split: expected the shares to train on and to validate on, such as 0.9,0.05, together at most 1, " +
                $"got {string.Join(',', value)}.");
    } = [0.9, 0.05];

    /// <summary><c>char</c> or <c>word</c>.</summary>
    public string Unit { get; init => field = Check.OneOf(UnitWords, value, "unit"); } = "char";

    /// <summary>The most symbols of the vocabulary, <c>&lt;unk&gt;</c> included; null: no limit.</summary>
    public int? Vocabulary { get; init => field = value is int v ? Check.Between(2, 1 << 24, v, "vocabulary") : null; }

    /// <summary>How often a symbol must stand in the training part to be taken into the vocabulary.</summary>
    public int MinCount { get; init => field = Check.Between(1, 1_000_000, value, "least-count"); } = 1;

    /// <summary>Features of a symbol.</summary>
    public int Embedding { get; init => field = Check.Between(1, 16_384, value, "embedding"); } = 64;

    /// <summary>A cell of <see cref="ForecastOptions.CellWords"/>.</summary>
    public string Cell { get; init => field = Check.OneOf(ForecastOptions.CellWords, value, "cell"); } = "lstm";

    /// <summary>Units of each layer.</summary>
    public int Hidden { get; init => field = Check.Between(1, 16_384, value, "hidden"); } = 384;

    /// <summary>Recurrent layers on top of each other.</summary>
    public int Layers { get; init => field = Check.Between(1, 64, value, "layers"); } = 2;

    /// <summary>Probability that an input, an output or something between two layers is dropped in training (Zaremba et al. 2014, arXiv:1409.2329).</summary>
    public double Dropout { get; init => field = Check.Between(0, 0.99, value, "dropout"); } = 0.25;

    /// <summary>Whether the same units are dropped at every step of an update (Gal and Ghahramani 2016, arXiv:1512.05287).</summary>
    public bool Locked { get; init; }

    /// <summary>Whether the output's weights are the embedding's table; where <see cref="Hidden"/> is another size, a linear layer lies between.</summary>
    public bool Tied { get; init; }

    /// <summary>Streams: parts of the text that are read side by side.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 32;

    /// <summary>k1, k2 of truncated backpropagation: an update every k1 symbols, through k2 symbols. One number stands for both.</summary>
    public IReadOnlyList<int> Bptt
    {
        get;
        init => field = value.Count == 1 && value[0] >= 1 ? [value[0], value[0]] : value.Count == 2 && value[0] >= 1 && value[1] >= value[0] ? value
            : throw new UserErrorException("bptt: expected k1,k2 with 1 ≤ k1 ≤ k2, such as 64 or 32,96 (an update every k1 symbols, through k2 symbols), " +
                $"got {string.Join(',', value)}.");
    } = [64, 64];

    /// <summary>How it learns.</summary>
    public LearningOptions Learning { get; init; } = new() { LearningRate = 3e-3, Epochs = 12 };

    /// <summary>The words of <see cref="Unit"/>.</summary>
    public static IReadOnlyList<string> UnitWords { get; } = ["char", "word"];

    /// <summary>What a symbol is.</summary>
    public TextUnit TextUnit => Unit == "word" ? TextUnit.Word : TextUnit.Char;

    /// <summary>The usual options for a unit.</summary>
    /// <param name="unit">A word of <see cref="UnitWords"/>.</param>
    /// <remarks>Those for words: the small model of Zaremba et al. 2014, with tied weights, dropout, and a rate that falls where validation stalls.</remarks>
    public static LanguageOptions Usual(string unit) => unit != "word" ? new LanguageOptions { Unit = unit } : new LanguageOptions
    {
        Unit = unit,
        Vocabulary = 10_000,
        Embedding = 200,
        Hidden = 200,
        Dropout = 0.2,
        Tied = true,
        Batch = 20,
        Bptt = [35],
        Learning = new LearningOptions { Optimizer = "sgd", LearningRate = 20, Clip = 0.25, Schedule = "plateau", Decay = 0.25, Plateau = 0, Epochs = 12 },
    };

    /// <summary>The options as indented JSON; what is null is left out.</summary>
    public string ToJson() => JsonText.Of(json => LanguageOptionsText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What errors call it: the file's path.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public static LanguageOptions FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Read(json, LanguageOptionsText.Read, "option");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of a language model's run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }
}
