using System.Globalization;
using System.Text.Json;
using Unroll.Tasks.Translation;

namespace Unroll.Cli.Tasks;

/// <summary>A translation model and its measures in words and as JSON.</summary>
internal static class TranslateText
{
    internal static IEnumerable<string> Lines(TranslationModel model)
    {
        TranslationOptions o = model.Options;
        yield return $"symbols: {Side(model.Source)} of the source, {Side(model.Target)} of the target";
        yield return $"network: embedding of {o.Embedding}, encoder {o.Layers} × {o.Cell} of {o.Hidden}{(o.OneWay ? "" : ", both directions")}, decoder {o.Layers} × {o.Hidden}, " +
            $"attention: {o.Attention}{(o.NoFeeding ? "" : ", fed")}, {model.EncoderDecoder.Parameters.Length:N0} weights";
    }

    internal static IEnumerable<string> Lines(TranslationEvaluation evaluation)
    {
        yield return $"test: {evaluation.Sentences:N0} sources, {evaluation.References:N0} references";
        yield return $"  {"",-28}    BLEU    chrF    equal    word errors";
        foreach (TranslationScore one in evaluation.Scores) yield return Line(one);
        if (evaluation.Validation is { } validation) yield return Line(validation);
        foreach (TranslationScore one in evaluation.Scores)
            if (one.ChrF > evaluation.Scores[0].ChrF && !one.Name.StartsWith("this model", StringComparison.Ordinal)) yield return $"  note: {one.Name} has a better chrF than this model";
    }

    internal static void Write(Utf8JsonWriter json, TranslationEvaluation evaluation)
    {
        json.WriteNumber("sentences", evaluation.Sentences);
        json.WriteNumber("references", evaluation.References);
        Members(json, evaluation.Scores[0]);
        json.WriteStartObject("others");
        foreach (TranslationScore one in evaluation.Scores.Skip(1).Concat(evaluation.Validation is { } validation ? [validation] : []))
        {
            json.WriteStartObject(one.Name);
            Members(json, one);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter json, TranslationScore score)
    {
        json.Number("bleu", score.Bleu);
        json.Number("chrf", score.ChrF);
        json.Number("equal", score.Exact);
        json.Number("word_error_rate", score.Errors);
    }

    private static string Line(TranslationScore one) =>
        string.Create(CultureInfo.InvariantCulture, $"  {one.Name,-28} {one.Bleu,7:F2} {one.ChrF,7:F2} {100 * one.Exact,6:F2} %     {100 * one.Errors,6:F2} %");

    private static string Side(TranslationSide side) =>
        $"{side.Vocabulary.Size - 1:N0} {side.Unit switch { "char" => "characters", "bpe" => $"byte-pair units ({side.Merges.Count:N0} merges)", _ => "words" }}";
}
