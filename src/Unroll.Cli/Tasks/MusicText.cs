using System.Globalization;
using System.Text.Json;
using Unroll.Tasks.Music;

namespace Unroll.Cli.Tasks;

/// <summary>A model of music and its measures in words and as JSON.</summary>
internal static class MusicText
{
    internal static IEnumerable<string> Lines(MusicModel model)
    {
        MusicOptions o = model.Options;
        yield return model.Kind == "roll"
            ? $"a step is 1/{o.StepsPerQuarter} of a quarter note, {MusicModel.Keys} keys" : $"a step is a symbol of ABC, {model.Symbols.Count - 2:N0} are known";
        yield return $"network: {o.Layers} × {o.Cell} of {o.Hidden}, {model.Network.Parameters.Length:N0} weights";
    }

    internal static IEnumerable<string> Lines(MusicEvaluation evaluation)
    {
        yield return $"test: {evaluation.Pieces:N0} pieces, {evaluation.Steps:N0} steps";
        yield return $"  {"",-40} nats a step{(evaluation.Kind == "tune" ? "  perplexity" : "")}";
        foreach ((string name, double nats) in (IReadOnlyList<(string, double)>)[("this model", evaluation.NatsPerStep), .. evaluation.Baselines])
            yield return string.Create(CultureInfo.InvariantCulture, $"  {name,-40} {nats,11:F4}") + (evaluation.Kind == "tune" ? string.Create(CultureInfo.InvariantCulture, $" {Math.Exp(nats),11:F3}") : "");
        foreach ((string name, double nats) in evaluation.Baselines)
            if (nats < evaluation.NatsPerStep) yield return $"  note: {name} is better than this model";
    }

    internal static void Write(Utf8JsonWriter json, MusicEvaluation evaluation)
    {
        json.WriteString("kind", evaluation.Kind);
        json.WriteNumber("pieces", evaluation.Pieces);
        json.WriteNumber("steps", evaluation.Steps);
        json.Number("nats_per_step", evaluation.NatsPerStep);
        json.Number("perplexity", Math.Exp(evaluation.NatsPerStep));
        json.WriteStartObject("baselines");
        foreach ((string name, double nats) in evaluation.Baselines) json.Number(name, nats);
        json.WriteEndObject();
    }
}
