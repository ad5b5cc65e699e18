using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Flow;
using Unroll.Numerics;

namespace Unroll.Serving.Sessions;

/// <summary>Gates and states as JSON, the same for a sequence and for a session.</summary>
internal static class LookJson
{
    private const long MostValues = 1_000_000;

    /// <summary>How many numbers a step has.</summary>
    public static long ValuesOf(Gates gates) => gates.Layers.Sum(layer => layer.Traces.Sum(trace => (long)trace.Units));

    /// <summary>Throws where there are more numbers than anybody looks at.</summary>
    /// <exception cref="ServingException">There are.</exception>
    public static void RequireFew(long values)
    {
        if (values > MostValues)
            throw new ServingException(Refusal.Invalid, $"the steps have {values} gates and states, more than {MostValues}; look at fewer steps.");
    }

    /// <summary>Every recurrent layer with its gates, each [steps][units].</summary>
    public static void Layers(Utf8JsonWriter json, Gates gates)
    {
        json.WriteStartArray("layers");
        foreach (LayerGates layer in gates.Layers)
        {
            Begin(json, layer);
            foreach (GateTrace trace in layer.Traces)
            {
                Begin(json, trace);
                foreach (float[] step in trace.Values) Numbers(json, step);
                End(json);
            }
            End(json);
        }
        json.WriteEndArray();
    }

    /// <summary>The same of a session, whose rounds were looked at one by one: a list of what <see cref="Gates"/> says of each.</summary>
    public static void Layers(Utf8JsonWriter json, IReadOnlyList<Gates> rounds)
    {
        json.WriteStartArray("layers");
        for (int l = 0; rounds.Count > 0 && l < rounds[0].Layers.Count; l++)
        {
            LayerGates first = rounds[0].Layers[l];
            Begin(json, first);
            for (int g = 0; g < first.Traces.Count; g++)
            {
                Begin(json, first.Traces[g]);
                foreach (Gates round in rounds) Numbers(json, round.Layers[l].Traces[g].Values[0]);
                End(json);
            }
            End(json);
        }
        json.WriteEndArray();
    }

    /// <summary>
    /// Which inputs the most probable output of a row depended on: ‖∂y/∂x⟨k⟩‖ for each step k; nothing where weights are rounded.
    /// </summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="subject">The sequence.</param>
    /// <param name="step">The row, from 0; null: the last one.</param>
    /// <exception cref="ServingException">There is no such row.</exception>
    public static void Saliency(Utf8JsonWriter json, InspectionSubject subject, int? step)
    {
        if (subject.Network.Precision != WeightPrecision.Float32) return;        // rounded weights have no gradients
        Pass pass = new(new Workspace(), ThreadTeam.Default, new Rng(0), Training: false) { InferenceOnly = true };
        SequenceBatch outputs = subject.Network.Forward(subject.Input, null, pass).Output;
        int rows = outputs.Layout.Rows, row = step ?? rows - 1;
        if (row < 0 || row >= rows) throw new ServingException(Refusal.Invalid, $"step: expected 0 … {rows - 1}, got {row}.");
        ReadOnlySpan<float> y = outputs.Row(row, 0);
        int best = 0;
        for (int k = 1; k < y.Length; k++)
            if (y[k] > y[best]) best = k;
        DependencyMap map = DependencyMap.OfOutputs(subject, ThreadTeam.Default, best, Math.Max(1, rows));
        json.WriteStartObject("saliency");
        json.WriteNumber("row", row);
        json.WriteNumber("rows", rows);
        json.WriteString("output", best < subject.OutputNames.Count ? subject.OutputNames[best] : $"{best}");
        Numbers(json, "values", [.. map.Values[Math.Max(0, map.Rows.ToList().IndexOf(row))].Select(value => (float)value)]);
        json.WriteEndObject();
    }

    /// <summary>A list of numbers by name.</summary>
    public static void Numbers(Utf8JsonWriter json, string name, float[] values)
    {
        json.WritePropertyName(name);
        Numbers(json, values);
    }

    private static void Begin(Utf8JsonWriter json, LayerGates layer)
    {
        json.WriteStartObject();
        json.WriteString("layer", layer.Name);
        json.WriteString("cell", layer.Layer.Cell.Name);
        json.WriteNumber("hidden", layer.Layer.HiddenSize);
        json.WriteBoolean("reverse", layer.Layer.Reverse);
        json.WriteStartArray("gates");
    }

    private static void Begin(Utf8JsonWriter json, GateTrace trace)
    {
        json.WriteStartObject();
        json.WriteString("gate", trace.Name);
        json.WriteString("range", trace.Range.ToString().ToLowerInvariant());
        json.WriteStartArray("values");
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Five digits are more than can be seen; what is not finite is null.
    private static void Numbers(Utf8JsonWriter json, float[] values)
    {
        json.WriteStartArray();
        foreach (float value in values)
            if (float.IsFinite(value)) json.WriteNumberValue(MathF.Abs(value) is > 1e-3f and < 1e6f ? (float)Math.Round((double)value, 5) : value);
            else json.WriteNullValue();
        json.WriteEndArray();
    }
}
