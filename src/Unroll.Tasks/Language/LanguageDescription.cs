using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>What a language model knows beside its weights: its task's part of the model file.</summary>
/// <param name="Options">The options of its run.</param>
/// <param name="Vocabulary">The symbols it knows, with their counts in the training part.</param>
public sealed record LanguageDescription(LanguageOptions Options, Vocabulary Vocabulary)
{
    private readonly BytePairs _pairs = new([]);

    /// <summary>Merges of byte pairs, two pieces with a space between them each; empty for other units.</summary>
    /// <exception cref="UserErrorException">One of them is not such a pair.</exception>
    public IReadOnlyList<string> Merges { get => _pairs.Merges; init => _pairs = new BytePairs(value); }

    /// <summary>What a symbol is.</summary>
    public TextUnit Unit => Options.Unit;

    /// <summary>What a symbol is called, in the plural: characters, words, pieces.</summary>
    public string Symbols => Unit switch { TextUnit.Char => "characters", TextUnit.Word => "words", _ => "pieces" };

    /// <summary>
    /// The symbol that a text without a past is taken to follow: the end of a line; where the vocabulary has none, the unknown symbol.
    /// </summary>
    public int Start => Vocabulary[Unit == TextUnit.Char ? "\n" : TextSymbols.EndOfLine];

    /// <summary>Learns the symbols of a training part.</summary>
    /// <param name="options">The run.</param>
    /// <param name="training">The text.</param>
    internal static LanguageDescription Learn(LanguageOptions options, string training)
    {
        if (options.Unit != TextUnit.Bpe)
            return new LanguageDescription(options, Vocabulary.Of(training, options.Unit, options.Vocabulary, options.MinCount, options.UnknownWord));
        Dictionary<string, long> words = [];
        TextSymbols symbols = new(training, TextUnit.Word);
        while (symbols.Next())
            if (symbols.Current is not TextSymbols.EndOfLine && Plain(symbols.Current) is var word) words[word] = words.GetValueOrDefault(word) + 1;
        LanguageDescription learned = new(options, new Vocabulary([Vocabulary.UnknownSymbol], [0]))
        {
            Merges = BytePairs.Learn(words, options.Merges).Merges,
        };
        Dictionary<string, long> counts = [];
        foreach (string piece in learned.Pieces(training, openEnd: false)) counts[piece] = counts.GetValueOrDefault(piece) + 1;
        return learned with { Vocabulary = Vocabulary.Of(counts, options.Vocabulary, options.MinCount) };
    }

    /// <summary>
    /// The symbols of a text, numbered, in the order in which they are read: with <see cref="LanguageOptions.Reverse"/> the last first.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="openEnd">Whether a last line of words without its line break goes on.</param>
    public int[] Encode(ReadOnlySpan<char> text, bool openEnd = false)
    {
        int[] symbols = Unit == TextUnit.Bpe
            ? [.. Pieces(text, openEnd).Select(piece => Vocabulary[piece])] : Vocabulary.Encode(text, Unit, openEnd);
        if (Options.Reverse) Array.Reverse(symbols);
        return symbols;
    }

    /// <summary>The pieces of a text's words, and its line ends.</summary>
    internal List<string> Pieces(ReadOnlySpan<char> text, bool openEnd)
    {
        List<string> pieces = [];
        TextSymbols symbols = new(text, TextUnit.Word, openEnd);
        while (symbols.Next())
            if (symbols.Current is TextSymbols.EndOfLine) pieces.Add(TextSymbols.EndOfLine);
            else pieces.AddRange(_pairs.Split(Plain(symbols.Current)).Select(OwnSymbols.Marked));
        return pieces;
    }

    /// <summary>The description as JSON.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", LanguageTask.Instance.Name);
        json.WriteObject("options", Options, LanguageOptions.Table.Write);
        json.WriteTexts("vocabulary", Vocabulary.Symbols);
        json.WriteNumbers("counts", Vocabulary.Counts.Select(count => (double)count));
        if (Unit == TextUnit.Bpe) json.WriteTexts("merges", Merges);
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The task's part of a model file.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is the description of another task, or damaged.</exception>
    public static LanguageDescription FromJson(string json, string where)
    {
        if (TaskWord.In(json) != LanguageTask.Instance.Name)
            throw new UserErrorException($"'{where}' is not a language model; give a model that 'unroll train lm' wrote.");
        try
        {
            return JsonRecord.Read(json, record =>
            {
                record.Ignore("task");
                LanguageOptions options = LanguageOptions.Table.Read(record.Element("options"), new LanguageOptions());
                return new LanguageDescription(options,
                    new Vocabulary(record.Texts("vocabulary"), record.Counts("counts")))
                {
                    Merges = record.Absent("merges") ? [] : record.Texts("merges"),
                };
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{where}' is a damaged language model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }

    // A word without the marks of this library: that of glue is none of a text's.
    private static string Plain(ReadOnlySpan<char> word) => OwnSymbols.Plain(word.ToString()).Replace(BytePairs.Glue, '■');
}
