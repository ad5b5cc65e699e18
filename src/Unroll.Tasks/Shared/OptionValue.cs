using System.Globalization;
using System.Text.Json;

namespace Unroll.Tasks.Shared;

/// <summary>A kind of value that an option can have: how it is read from text and from JSON, and written as both.</summary>
/// <typeparam name="TValue">The value's type.</typeparam>
/// <param name="Expected">What errors expect: <c>a whole number</c>.</param>
/// <param name="Parse">From text; false where it is not such a value.</param>
/// <param name="Read">From JSON; false where it is not such a value.</param>
/// <param name="Write">As a member of a JSON object.</param>
/// <param name="Text">As text.</param>
internal sealed record OptionValue<TValue>(
    string Expected, OptionValue<TValue>.Parser Parse, OptionValue<TValue>.Reader Read, Action<Utf8JsonWriter, string, TValue> Write,
    Func<TValue, string> Text)
{
    internal delegate bool Parser(string text, out TValue value);

    internal delegate bool Reader(JsonElement json, out TValue value);
}

/// <summary>The kinds of values that options have.</summary>
internal static class OptionValues
{
    internal static OptionValue<string> String { get; } = new("a text",
        (string text, out string value) => (value = text) is not null,
        (JsonElement json, out string value) => (value = json.ValueKind == JsonValueKind.String ? json.GetString()! : null!) is not null,
        (json, name, value) => json.WriteString(name, value), value => value);

    internal static OptionValue<int> Int { get; } = new("a whole number",
        (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
        (JsonElement json, out int value) => Number(json, out value) && json.TryGetInt32(out value),
        (json, name, value) => json.WriteNumber(name, value), value => value.ToString(CultureInfo.InvariantCulture));

    internal static OptionValue<ulong> Unsigned { get; } = new("a whole number of at least 0",
        (string text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value),
        (JsonElement json, out ulong value) => Number(json, out value) && json.TryGetUInt64(out value),
        (json, name, value) => json.WriteNumber(name, value), value => value.ToString(CultureInfo.InvariantCulture));

    internal static OptionValue<double> Double { get; } = new("a number",
        (string text, out double value) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value),
        (JsonElement json, out double value) => Number(json, out value) && json.TryGetDouble(out value) && double.IsFinite(value),
        (json, name, value) => json.WriteNumber(name, value), value => value.ToString(CultureInfo.InvariantCulture));

    internal static OptionValue<bool> Bool { get; } = new("true or false",
        (string text, out bool value) => bool.TryParse(text, out value),
        (JsonElement json, out bool value) => (value = json.ValueKind == JsonValueKind.True) || json.ValueKind == JsonValueKind.False,
        (json, name, value) => json.WriteBoolean(name, value), value => value ? "true" : "false");

    internal static OptionValue<IReadOnlyList<string>> Strings { get; } = new("texts separated by commas",
        (string text, out IReadOnlyList<string> value) => (value = Split(text)) is not null,
        (JsonElement json, out IReadOnlyList<string> value) => List(json, String, out value),
        (json, name, value) => Array(json, name, value, (writer, one) => writer.WriteStringValue(one)), value => string.Join(',', value));

    internal static OptionValue<IReadOnlyList<int>> Ints { get; } = new("whole numbers separated by commas",
        (string text, out IReadOnlyList<int> value) => List(text, Int, out value),
        (JsonElement json, out IReadOnlyList<int> value) => List(json, Int, out value),
        (json, name, value) =>
            Array(json, name, value, (writer, one) => writer.WriteNumberValue(one)), value => string.Join(',', value.Select(Int.Text)));

    internal static OptionValue<IReadOnlyList<double>> Doubles { get; } = new("numbers separated by commas",
        (string text, out IReadOnlyList<double> value) => List(text, Double, out value),
        (JsonElement json, out IReadOnlyList<double> value) => List(json, Double, out value),
        (json, name, value) => Array(json, name, value, (writer, one) => writer.WriteNumberValue(one)),
        value => string.Join(',', value.Select(Double.Text)));

    // 3..7, or 3,7, or 5 for 5..5
    internal static OptionValue<IReadOnlyList<int>> Range { get; } = new("two whole numbers such as 3..7",
        (string text, out IReadOnlyList<int> value) =>
        {
            if (!List(text.Replace("..", ",", StringComparison.Ordinal), Int, out value)) return false;
            if (value is [var one]) value = [one, one];
            return true;
        },
        Ints.Read, Ints.Write, value => string.Join("..", value));

    private static bool Number<T>(JsonElement json, out T value)
    {
        value = default!;
        return json.ValueKind == JsonValueKind.Number;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool List<T>(string text, OptionValue<T> kind, out IReadOnlyList<T> values)
    {
        List<T> all = [];
        values = all;
        foreach (string part in Split(text))
        {
            if (!kind.Parse(part, out T value)) return false;
            all.Add(value);
        }
        return true;
    }

    // One value may stand for a list of one.
    private static bool List<T>(JsonElement json, OptionValue<T> kind, out IReadOnlyList<T> values)
    {
        List<T> all = [];
        values = all;
        foreach (JsonElement element in json.ValueKind == JsonValueKind.Array ? [.. json.EnumerateArray()] : (JsonElement[])[json])
        {
            if (!kind.Read(element, out T value)) return false;
            all.Add(value);
        }
        return true;
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T value in values) write(json, value);
        json.WriteEndArray();
    }
}
