using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unroll.Core;

/// <summary>Writes JSON texts member by member: the other way of <see cref="JsonRecord"/>.</summary>
public static class JsonText
{
    /// <summary>The text of one object.</summary>
    /// <param name="members">Writes the members.</param>
    /// <param name="indented">Whether each member has a line.</param>
    public static string Of(Action<Utf8JsonWriter> members, bool indented = true)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = indented, NewLine = "\n" }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>An object: <paramref name="members"/> writes what is in it.</summary>
    public static void WriteObject<T>(this Utf8JsonWriter json, string name, T value, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartObject(name);
        members(json, value);
        json.WriteEndObject();
    }

    /// <summary>A list of objects: <paramref name="members"/> writes what is in each.</summary>
    public static void WriteObjects<T>(this Utf8JsonWriter json, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
        {
            json.WriteStartObject();
            members(json, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>A list of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>A list of finite numbers.</summary>
    public static void WriteNumbers(this Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    /// <summary>A list of whole numbers.</summary>
    public static void WriteWholes(this Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    /// <summary>Rows of numbers.</summary>
    public static void WriteRows(this Utf8JsonWriter json, string name, IEnumerable<float[]> rows)
    {
        json.WriteStartArray(name);
        foreach (float[] row in rows)
        {
            json.WriteStartArray();
            foreach (float value in row)
                if (float.IsNaN(value)) json.WriteNullValue();
                else json.WriteNumberValue(value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>A text; nothing where it is null.</summary>
    public static void WriteUnlessNull(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    /// <summary>A whole number; nothing where it is null.</summary>
    public static void WriteUnlessNull(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is int number) json.WriteNumber(name, number);
    }

    /// <summary>A number; nothing where it is null.</summary>
    public static void WriteUnlessNull(this Utf8JsonWriter json, string name, float? value)
    {
        if (value is float number) json.WriteNumber(name, number);
    }

    /// <summary>A number, or <c>null</c>.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is double number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    /// <summary>A number; what is not finite as the word <c>Infinity</c>, <c>-Infinity</c> or <c>NaN</c>.</summary>
    public static void AnyNumber(this Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.AnyNumberValue(value);
    }

    /// <summary>The same as an element of a list.</summary>
    public static void AnyNumberValue(this Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
