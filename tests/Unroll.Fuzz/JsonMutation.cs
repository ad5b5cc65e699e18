using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Fuzz;

/// <summary>Exchanges, removes or doubles values of a JSON text, which stays JSON: what is then read is decided by what the values mean.</summary>
internal static class JsonMutation
{
    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "3.5", "1e-300", "1e308", "-1e308", "2147483647", "2147483648", "9223372036854775807", "1e400",
            "\"\"",
        "\"a\"", "\"8\"", "\"lstm\"", "\"\\u0000\"", "\"😀\"", "\"1e999\"", "[]", "{}", "[8]", "[null]", "[[]]", "[1,2,3,4,5,6,7,8]", "{\"a\":1}",
    ];

    public static byte[] Of(byte[] json, FuzzRandom random)
    {
        JsonNode root = JsonNode.Parse(json)!;
        if (root is JsonValue) return Encoding.UTF8.GetBytes(random.Of(s_values));
        for (int changes = 1 + random.Below(3); changes > 0; changes--) Once(root, random);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static void Once(JsonNode root, FuzzRandom random)
    {
        List<JsonNode> parents = [];
        Collect(root, parents);
        switch (random.Of(parents))
        {
            case JsonObject { Count: > 0 } one:
                string name = one.ElementAt(random.Below(one.Count)).Key;
                if (random.Below(6) == 0) one.Remove(name);
                else if (random.Below(8) == 0) one[name + "x"] = Value(random);
                else one[name] = random.Below(8) == 0 ? random.Of(parents).DeepClone() : Value(random);
                break;
            case JsonArray { Count: > 0 } list:
                int at = random.Below(list.Count);
                if (random.Below(4) == 0) list.RemoveAt(at);
                else if (random.Below(4) == 0) list.Insert(at, list[at]?.DeepClone());
                else list[at] = Value(random);
                break;
            case JsonArray empty: empty.Add(Value(random)); break;
            default: break;
        }
    }

    private static JsonNode? Value(FuzzRandom random) => JsonNode.Parse(random.Of(s_values));

    private static void Collect(JsonNode? node, List<JsonNode> parents)
    {
        if (node is not (JsonObject or JsonArray)) return;
        parents.Add(node);
        foreach (JsonNode? child in node is JsonObject one ? one.Select(member => member.Value) : (IEnumerable<JsonNode?>)node.AsArray())
            Collect(child, parents);
    }
}
