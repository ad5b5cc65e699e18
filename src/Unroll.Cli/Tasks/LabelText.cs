using System.Globalization;
using System.Text.Json;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Labels;

namespace Unroll.Cli.Tasks;

/// <summary>A labeling model and its measures in words and as JSON.</summary>
internal static class LabelText
{
    internal static IEnumerable<string> Lines(LabelModel model)
    {
        LabelOptions o = model.Options;
        LabelEncoding e = model.Encoding;
        string classes = string.Join(", ", e.Classes.Take(12)) + (e.Classes.Count > 12 ? " …" : "");
        yield return $"labels: {e.Classes.Count} ({classes}), one for each {(o.PerStep ? "step" : "sequence")}";
        yield return e.HasVocabulary ? $"a step is a {e.Unit}, {e.Vocabulary.Count - 1:N0} are known" : $"a step is {(e.Unit == "base" ? "a base" : $"{e.Features} numbers")}";
        yield return $"network: {(e.HasVocabulary ? $"embedding of {o.Embedding}, " : "")}{o.Layers} × {o.Cell} of {o.Hidden}{(o.OneWay ? "" : ", both directions")}, " +
            $"{(o.PerStep ? "each step is read" : $"reading: {o.Reading}")}, {model.Network.Parameters.Length:N0} weights";
    }

    internal static IEnumerable<string> Lines(LabelEvaluation evaluation)
    {
        yield return $"test: {evaluation.Sequences:N0} sequences{(evaluation.Scores.Actual.Count != evaluation.Sequences ? $", {evaluation.Scores.Actual.Count:N0} labels" : "")}";
        yield return $"  {"",-34} accuracy";
        yield return $"  {"this model",-34} {Percent(evaluation.Scores.Accuracy)}";
        foreach ((string name, double accuracy) in evaluation.Baselines) yield return $"  {name,-34} {Percent(accuracy)}";
        ConfusionMatrix confusion = evaluation.Confusion;
        yield return string.Create(CultureInfo.InvariantCulture, $"  F1 macro {confusion.Macro().F1:F4}, weighted {confusion.Weighted().F1:F4}; MCC {confusion.Mcc:F4}; " +
            $"AUROC {Text(evaluation.Auroc)}; AUPRC {Text(evaluation.AveragePrecision)}; loss {evaluation.Scores.Loss:F4} nats");
        if (evaluation.Classes.Count <= 12)
        {
            yield return $"  {"label",-20} precision  recall      F1   number";
            for (int k = 0; k < evaluation.Classes.Count; k++)
                yield return string.Create(CultureInfo.InvariantCulture, $"  {evaluation.Classes[k],-20} {confusion.Of(k).Precision,9:F4} {confusion.Of(k).Recall,7:F4} {confusion.Of(k).F1,7:F4} {confusion.Of(k).Support,8:N0}");
        }
        foreach ((string name, double accuracy) in evaluation.Baselines)
            if (accuracy > evaluation.Scores.Accuracy) yield return $"  note: {name} is better than this model: {Percent(accuracy).Trim()} against {Percent(evaluation.Scores.Accuracy).Trim()}";
    }

    internal static void Write(Utf8JsonWriter json, LabelEvaluation evaluation)
    {
        json.WriteNumber("sequences", evaluation.Sequences);
        json.Number("accuracy", evaluation.Scores.Accuracy);
        json.Number("loss", evaluation.Scores.Loss);
        json.Number("f1_macro", evaluation.Confusion.Macro().F1);
        json.Number("f1_weighted", evaluation.Confusion.Weighted().F1);
        json.Number("mcc", evaluation.Confusion.Mcc);
        json.Number("auroc", evaluation.Auroc ?? double.NaN);
        json.Number("auprc", evaluation.AveragePrecision ?? double.NaN);
        json.WriteStartArray("confusion");
        for (int actual = 0; actual < evaluation.Classes.Count; actual++)
        {
            json.WriteStartArray();
            for (int said = 0; said < evaluation.Classes.Count; said++) json.WriteNumberValue(evaluation.Confusion[actual, said]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteStartObject("baselines");
        foreach ((string name, double accuracy) in evaluation.Baselines) json.Number(name, accuracy);
        json.WriteEndObject();
    }

    private static string Text(double? value) => value is { } v ? v.ToString("F4", CultureInfo.InvariantCulture) : "undefined";

    internal static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture).PadLeft(7) + " %";
}
