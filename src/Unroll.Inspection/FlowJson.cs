using System.Text.Json;
using Unroll.Inspection.Flow;

namespace Unroll.Inspection;

/// <summary>Gradients and dependencies, as JSON.</summary>
internal static class FlowJson
{
    public static void Flows(Utf8JsonWriter json, InspectionResult result)
    {
        json.WriteStartArray("flow");
        foreach (GradientFlow flow in result.Flows)
        {
            json.WriteStartObject();
            if (flow.Step is int step) json.WriteNumber("step", step);
            else json.WriteNull("step");
            InspectionJson.Number(json, "loss", flow.Loss?.Sum ?? double.NaN);
            json.WriteNumber("count", flow.Loss?.Count ?? 0);
            InspectionJson.Number(json, "largest_difference", flow.LargestDifference);
            json.WriteStartArray("layers");
            foreach (LayerFlow layer in result.Shown(flow))
                foreach (StateFlow state in FlowText.States(layer)) State(json, layer, state);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void State(Utf8JsonWriter json, LayerFlow layer, StateFlow state)
    {
        json.WriteStartObject();
        json.WriteString("layer", layer.Place);
        json.WriteString("state", state.State);
        InspectionJson.Numbers(json, "norms", state.Total.Norms);
        InspectionJson.Numbers(json, "sum_norms", Enumerable.Range(0, state.Total.Norms.Count).Select(t => FlowText.SumNorm(state, t)));
        InspectionJson.Number(json, "largest_difference", state.LargestDifference);
        json.WriteStartArray("terms");
        foreach (FlowTerm term in state.Terms)
        {
            json.WriteStartObject();
            json.WriteString("name", term.Name);
            InspectionJson.Numbers(json, "norms", term.Norms);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Decays(Utf8JsonWriter json, IReadOnlyList<Decay> decays)
    {
        json.WriteStartArray("decay");
        foreach (Decay decay in decays)
        {
            json.WriteStartObject();
            json.WriteString("layer", decay.Place);
            json.WriteNumber("from", decay.From);
            json.WriteNumber("to", decay.To);
            InspectionJson.Number(json, "log_norm", decay.LogNorm);
            InspectionJson.Number(json, "log_spectral_radius", decay.LogSpectralRadius);
            InspectionJson.Number(json, "growth", decay.Growth);
            InspectionJson.Number(json, "unsaturated_growth", decay.UnsaturatedGrowth ?? double.NaN);
            InspectionJson.Number(json, "saturation_factor", decay.SaturationFactor ?? double.NaN);
            InspectionJson.Number(json, "direct_growth", decay.DirectGrowth);
            json.WriteString("verdict", decay.Verdict);
            json.WriteStartArray("curve");
            foreach (DecayPoint point in decay.Curve)
            {
                json.WriteStartObject();
                json.WriteNumber("steps", point.Steps);
                InspectionJson.Number(json, "log_norm", point.LogNorm);
                InspectionJson.Number(json, "log_unsaturated", point.LogUnsaturated ?? double.NaN);
                InspectionJson.Number(json, "log_direct", point.LogDirect);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("matrices");
            foreach (RecurrentMatrix matrix in decay.Matrices)
            {
                json.WriteStartObject();
                json.WriteString("gate", matrix.Gate);
                InspectionJson.Number(json, "norm", matrix.Norm);
                InspectionJson.Number(json, "spectral_radius", matrix.SpectralRadius ?? double.NaN);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void Dependencies(Utf8JsonWriter json, InspectionResult result)
    {
        Map(json, "dependencies", result.Dependencies);
        Map(json, "output_dependencies", result.OutputDependencies);
        if (result.Saliency is not { } saliency)
        {
            json.WriteNull("saliency");
            return;
        }
        json.WriteStartObject("saliency");
        json.WriteNumber("row", saliency.Row);
        json.WriteString("label", saliency.Label);
        InspectionJson.Numbers(json, "values", saliency.Values);
        json.WriteEndObject();
    }

    private static void Map(Utf8JsonWriter json, string name, DependencyMap? map)
    {
        if (map is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteString("of", map.Of);
        json.WriteString("with", map.With);
        json.WriteBoolean("causal", map.Causal);
        InspectionJson.Whole(json, "rows", map.Rows);
        InspectionJson.Rows(json, "values", map.Values);
        json.WriteEndObject();
    }
}
