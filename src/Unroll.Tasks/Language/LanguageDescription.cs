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
    /// <summary>What a symbol is.</summary>
    public TextUnit Unit => Options.Unit;

    /// <summary>What a symbol is called, in the plural: characters, words.</summary>
    public string Symbols => Unit == TextUnit.Char ? "characters" : "words";

    /// <summary>
    /// The symbol that a text without a past is taken to follow: the end of a line; where the vocabulary has none, the unknown symbol.
    /// </summary>
    public int Start => Vocabulary[Unit == TextUnit.Char ? "\n" : TextSymbols.EndOfLine];

    /// <summary>The description as JSON.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", LanguageTask.Instance.Name);
        json.WriteObject("options", Options, LanguageOptions.Table.Write);
        json.WriteTexts("vocabulary", Vocabulary.Symbols);
        json.WriteNumbers("counts", Vocabulary.Counts.Select(count => (double)count));
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
                    new Vocabulary(record.Texts("vocabulary"), record.Counts("counts")));
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{where}' is a damaged language model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }
}
