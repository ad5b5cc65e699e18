using System.Globalization;
using System.Text.Json;

namespace Unroll.Inspection;

/// <summary>What was found in a network, as JSON; docs/inspect.md has every member.</summary>
internal static class InspectionJson
{
    public static void Findings(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        json.WriteStartArray("findings");
        foreach (Finding finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Kind.ToString()));
            json.WriteBoolean("problem", finding.IsProblem);
            json.WriteString("layer", finding.Layer);
            json.WriteString("gate", finding.Gate);
            json.WriteString("text", finding.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void Layers(Utf8JsonWriter json, IReadOnlyList<LayerGates> layers)
    {
        json.WriteStartArray("layers");
        foreach (LayerGates layer in layers)
        {
            json.WriteStartObject();
            json.WriteString("layer", layer.Name);
            json.WriteString("cell", layer.Layer.Cell.Name);
            json.WriteNumber("hidden", layer.Layer.HiddenSize);
            json.WriteNumber("steps", layer.Steps);
            json.WriteBoolean("reverse", layer.Layer.Reverse);
            Whole(json, "constant_units", layer.ConstantUnits);
            Whole(json, "dead_units", layer.DeadUnits);
            json.WritePropertyName("half_life");
            if (layer.HalfLife is { } memory) HalfLife(json, memory);
            else json.WriteNullValue();
            json.WriteStartArray("half_lives");
            foreach (MemoryHalfLife one in layer.HalfLives) HalfLife(json, one);
            json.WriteEndArray();
            json.WriteStartArray("gates");
            foreach (GateTrace trace in layer.Traces) Trace(json, trace);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void HalfLife(Utf8JsonWriter json, MemoryHalfLife memory)
    {
        json.WriteStartObject();
        json.WriteString("gate", memory.Gate);
        json.WriteString("state", memory.State);
        Number(json, "mean", memory.Mean);
        Number(json, "median", memory.Median);
        Number(json, "longest", memory.Longest);
        Numbers(json, "units", memory.Units);
        json.WriteEndObject();
    }

    private static void Trace(Utf8JsonWriter json, GateTrace trace)
    {
        GateStatistics s = trace.Statistics;
        json.WriteStartObject();
        json.WriteString("gate", trace.Name);
        json.WriteString("range", trace.Range.ToString().ToLowerInvariant());
        json.WriteBoolean("range_guessed", trace.RangeIsGuessed);
        Number(json, "mean", s.Mean);
        Number(json, "smallest", s.Smallest);
        Number(json, "largest", s.Largest);
        Number(json, "near_lower", s.NearLower);
        Number(json, "near_upper", s.NearUpper);
        json.WriteNumber("stuck_units", s.StuckUnits);
        Numbers(json, "unit_mean", s.Units.Select(unit => unit.Mean));
        Numbers(json, "unit_near_lower", s.Units.Select(unit => unit.NearLower));
        Numbers(json, "unit_near_upper", s.Units.Select(unit => unit.NearUpper));
        Rows(json, "values", trace.Values.Select(step => step.Select(value => (double)value)));
        json.WriteEndObject();
    }

    /// <summary>An array of arrays.</summary>
    public static void Rows(Utf8JsonWriter json, string name, IEnumerable<IEnumerable<double>> rows)
    {
        json.WriteStartArray(name);
        foreach (IEnumerable<double> row in rows) Elements(json, row);
        json.WriteEndArray();
    }

    /// <summary>An array; what is not finite is null.</summary>
    public static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WritePropertyName(name);
        Elements(json, values);
    }

    /// <summary>Texts.</summary>
    public static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>A number; null where it is not finite.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        Element(json, value);
    }

    private static void Elements(Utf8JsonWriter json, IEnumerable<double> values)
    {
        json.WriteStartArray();
        foreach (double value in values) Element(json, value);
        json.WriteEndArray();
    }

    // Seven digits are all that a float has.
    private static void Element(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteRawValue(value.ToString("G7", CultureInfo.InvariantCulture));
        else json.WriteNullValue();
    }

    /// <summary>Whole numbers.</summary>
    public static void Whole(Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
