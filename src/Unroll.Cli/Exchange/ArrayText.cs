using System.Globalization;
using System.Text.Json;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Cli.Exchange;

/// <summary>Arrays for people and for programs.</summary>
internal static class ArrayText
{
    /// <summary>The rows of an array, a row being its last size; of more than <paramref name="most"/> numbers only how many there are.</summary>
    public static IEnumerable<string> Rows(OnnxTensor tensor, int most)
    {
        if (tensor.Count > most)
        {
            yield return $"{tensor.Count:N0} numbers; --output-dir DIR writes them to a file";
            yield break;
        }
        int row = tensor.Rank == 0 ? 1 : tensor.Shape[^1];
        for (int start = 0; start < tensor.Count; start += row)
            yield return string.Join(' ', Enumerable.Range(start, row).Select(i => Text(tensor, i)));
    }

    /// <summary>A list of all numbers, row-major; what is not finite as the word.</summary>
    public static void WriteJson(Utf8JsonWriter json, string name, OnnxTensor tensor)
    {
        json.WriteStartArray(name);
        for (int i = 0; i < tensor.Count; i++)
            if (tensor.Type == OnnxType.Bool) json.WriteBooleanValue(tensor.Values<bool>()[i]);
            else if (Text(tensor, i) is var text && text is "NaN" or "Infinity" or "-Infinity") json.WriteStringValue(text);
            else json.WriteRawValue(text);
        json.WriteEndArray();
    }

    private static string Text(OnnxTensor tensor, int i) => tensor.Type switch
    {
        OnnxType.Float => tensor.Values<float>()[i].ToString(CultureInfo.InvariantCulture),
        OnnxType.Double => tensor.Values<double>()[i].ToString(CultureInfo.InvariantCulture),
        OnnxType.Int64 => tensor.Values<long>()[i].ToString(CultureInfo.InvariantCulture),
        OnnxType.Int32 => tensor.Values<int>()[i].ToString(CultureInfo.InvariantCulture),
        OnnxType.Bool => tensor.Values<bool>()[i] ? "true" : "false",
        OnnxType.UInt8 => tensor.Values<byte>()[i].ToString(CultureInfo.InvariantCulture),
        _ => tensor.Values<sbyte>()[i].ToString(CultureInfo.InvariantCulture),
    };
}
