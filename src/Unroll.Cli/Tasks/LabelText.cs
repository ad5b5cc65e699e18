using System.Globalization;
using System.Text.Json;
using Unroll.Tasks.Labels;

namespace Unroll.Cli;

/// <summary>A labelling model and its measures in words and as JSON.</summary>
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
        foreach ((string name, double accuracy) in evaluation.Baselines)
            if (accuracy > evaluation.Scores.Accuracy) yield return $"  note: {name} is better than this model: {Percent(accuracy).Trim()} against {Percent(evaluation.Scores.Accuracy).Trim()}";
    }

    internal static void Write(Utf8JsonWriter json, LabelEvaluation evaluation)
    {
        json.WriteNumber("sequences", evaluation.Sequences);
        json.Number("accuracy", evaluation.Scores.Accuracy);
        json.Number("loss", evaluation.Scores.Loss);
        json.WriteStartObject("baselines");
        foreach ((string name, double accuracy) in evaluation.Baselines) json.Number(name, accuracy);
        json.WriteEndObject();
    }

    internal static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture).PadLeft(7) + " %";
}
