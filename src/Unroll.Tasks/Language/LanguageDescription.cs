using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Language;

/// <summary>What a language model knows beside its weights: its task's part of the model file.</summary>
/// <param name="Options">The options of its run.</param>
/// <param name="Vocabulary">The symbols it knows, with their counts in the training part.</param>
public sealed record LanguageDescription(LanguageOptions Options, Vocabulary Vocabulary)
{
    /// <summary>What the task is called in the model file.</summary>
    public const string TaskName = "lm";

    /// <summary>What a symbol is.</summary>
    public TextUnit Unit => Options.TextUnit;

    /// <summary>What a symbol is called, in the plural: characters, words.</summary>
    public string Symbols => Unit == TextUnit.Char ? "characters" : "words";

    /// <summary>The symbol that a text without a past is taken to follow: the end of a line; where the vocabulary has none, the unknown symbol.</summary>
    public int Start => Vocabulary[Unit == TextUnit.Char ? "\n" : TextSymbols.EndOfLine];

    /// <summary>The description as JSON.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", TaskName);
        json.WriteObject("options", Options, LanguageOptionsText.Write);
        json.WriteTexts("vocabulary", Vocabulary.Symbols);
        json.WriteNumbers("counts", Vocabulary.Counts.Select(count => (double)count));
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The task's part of a model file.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is the description of another task, or damaged.</exception>
    public static LanguageDescription FromJson(string json, string where)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("task", out JsonElement task) || task.ToString() != TaskName)
            throw new UserErrorException($"'{where}' is not a language model; give a model that 'unroll train lm' wrote.");
        try
        {
            return JsonRecord.Read(json, record =>
            {
                record.Ignore("task");
                return new LanguageDescription(record.Object("options", LanguageOptionsText.Read, "option"),
                    new Vocabulary(record.Texts("vocabulary"), [.. record.Reals("counts").Select(count => (long)count)]));
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{where}' is a damaged language model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }
}
