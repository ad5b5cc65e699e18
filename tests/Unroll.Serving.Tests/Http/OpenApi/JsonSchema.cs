using System.Text.Json;
using System.Text.RegularExpressions;

namespace Unroll.Serving.Tests.Http.OpenApi;

/// <summary>What of JSON Schema the document of the endpoints uses.</summary>
/// <param name="document">The document.</param>
internal sealed class JsonSchema(JsonElement document)
{
    /// <summary>What of a value does not fit a schema; empty: it fits.</summary>
    public IEnumerable<string> Faults(JsonElement value, JsonElement schema, string path = "")
    {
        if (schema.TryGetProperty("$ref", out JsonElement to)) schema = At(to.GetString()!);
        string[] known = ["type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "minimum", "maximum",
            "exclusiveMinimum", "minItems", "maxItems", "description", "format"];
        foreach (JsonProperty keyword in schema.EnumerateObject())
            if (!known.Contains(keyword.Name)) yield return $"{path}: this test does not know the keyword {keyword.Name}";
        if (schema.TryGetProperty("type", out JsonElement type) && !Types(type).Any(one => Is(value, one)))
        {
            yield return $"{path}: expected {type}, found {value.ValueKind}";
            yield break;
        }
        if (schema.TryGetProperty("enum", out JsonElement words) && !words.EnumerateArray().Any(one => one.GetRawText() == value.GetRawText()))
            yield return $"{path}: expected one of {words}, found {value}";
        if (value.ValueKind == JsonValueKind.String && schema.TryGetProperty("pattern", out JsonElement pattern)
            && !Regex.IsMatch(value.GetString()!, pattern.GetString()!)) yield return $"{path}: '{value}' is not like {pattern}";
        if (value.ValueKind == JsonValueKind.Number && schema.TryGetProperty("minimum", out JsonElement least)
            && value.GetDouble() < least.GetDouble()) yield return $"{path}: {value} is below {least}";
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
            foreach ((int i, JsonElement one) in value.EnumerateArray().Index())
                foreach (string fault in Faults(one, items, $"{path}[{i}]")) yield return fault;
        if (value.ValueKind != JsonValueKind.Object) yield break;
        bool open = !schema.TryGetProperty("additionalProperties", out _), named = schema.TryGetProperty("properties", out JsonElement properties);
        if (schema.TryGetProperty("required", out JsonElement required))
            foreach (JsonElement name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _)) yield return $"{path}: '{name}' is missing";
        foreach (JsonProperty member in value.EnumerateObject())
            if (named && properties.TryGetProperty(member.Name, out JsonElement own))
                foreach (string fault in Faults(member.Value, own, $"{path}.{member.Name}")) yield return fault;
            else if (!open) yield return $"{path}: '{member.Name}' is not in the schema";
    }

    /// <summary>What a reference points at.</summary>
    public JsonElement At(string reference) =>
        reference.Split('/').Skip(1).Aggregate(document, (at, part) => at.GetProperty(part));

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new ArgumentException($"no type '{type}'"),
    };
}
