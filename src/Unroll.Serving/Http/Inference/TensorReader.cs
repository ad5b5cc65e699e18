using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Unroll.Core;

namespace Unroll.Serving.Http.Inference;

/// <summary>Reads the tensors of a request: elements in its JSON, or as bytes behind it.</summary>
/// <param name="bytes">What is behind the JSON, in the order of the tensors.</param>
internal sealed class TensorReader(ReadOnlyMemory<byte> bytes)
{
    private const int Longest = 1 << 24;                     // whole numbers that single precision has exactly
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _read;

    /// <summary>Reads a tensor.</summary>
    /// <param name="json">Its description.</param>
    /// <param name="forms">The forms that it may have.</param>
    /// <exception cref="ServingException">It has none of them.</exception>
    public Tensor Read(JsonRecord json, IReadOnlyList<TensorForm> forms)
    {
        string name = json.Text("name"), datatype = json.Text("datatype");
        TensorForm form = forms.FirstOrDefault(one => one.Name == name) ?? throw Wrong(
            $"inputs: expected {string.Join(" or ", forms.Select(one => $"'{one.Name}'"))}, found '{Shown(name)}'");
        if (!form.Datatypes.Contains(datatype))
            throw Wrong($"input '{name}': expected the datatype {string.Join(" or ", form.Datatypes)}, found '{Shown(datatype)}'");
        long[] shape = json.Counts("shape");
        long count = CountOf(form, shape);
        long? size = json.ObjectOrNull("parameters", own =>
            new Boxed(own.Absent("binary_data_size") ? null : own.Long("binary_data_size", 0)))?.Value;
        Tensor tensor = new(name, datatype, shape);
        if (size is { } own)
        {
            if (!json.Absent("data")) throw Wrong($"input '{name}': it has elements in the JSON and as bytes; send them once");
            if (own > bytes.Length - _read) throw Wrong($"input '{name}': expected {own} bytes behind the JSON, found {bytes.Length - _read}");
            ReadOnlySpan<byte> span = bytes.Span.Slice(_read, (int)own);
            _read += span.Length;
            return tensor.IsText ? tensor with { Texts = Texts(span, name, count) } : tensor with { Numbers = Numbers(span, name, count, datatype) };
        }
        JsonElement data = json.Element("data");
        return tensor.IsText ? tensor with { Texts = Elements(data, name, shape, count, TextOf) }
            : tensor with { Numbers = Elements<float>(data, name, shape, count, datatype == TensorForm.Single ? NumberOf : WholeOf) };
    }

    /// <summary>Throws where bytes are left over.</summary>
    public void End()
    {
        if (_read < bytes.Length) throw Wrong($"there are {bytes.Length - _read} bytes more behind the JSON than its inputs have");
    }

    private static long CountOf(TensorForm form, long[] shape)
    {
        UInt128 count = 1;
        bool fits = shape.Length == form.Shape.Count;
        for (int i = 0; i < shape.Length && fits; i++)
        {
            fits = shape[i] > 0 && (form.Shape[i] < 0 || form.Shape[i] == shape[i]);
            count *= (UInt128)Math.Max(0, shape[i]);
            fits &= count <= int.MaxValue;
        }
        return fits ? (long)count : throw Wrong(
            $"input '{form.Name}': expected the shape [{string.Join(", ", form.Shape)}] (-1: any from 1), "
            + $"found [{string.Join(", ", shape.Take(8))}]");
    }

    // A flat list, or lists in lists as the shape says.
    private static T[] Elements<T>(JsonElement data, string name, long[] shape, long count, Func<JsonElement, string, T> read)
    {
        List<T> all = [];
        bool flat = data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0 && data[0].ValueKind != JsonValueKind.Array;
        void Add(JsonElement list, int depth)
        {
            long expected = flat ? count : shape[depth];
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != expected)
                throw Wrong($"input '{name}': expected a list of {expected} in its data, found "
                    + $"{(list.ValueKind == JsonValueKind.Array ? $"one of {list.GetArrayLength()}" : list.ValueKind)}");
            foreach (JsonElement element in list.EnumerateArray())
                if (flat || depth == shape.Length - 1) all.Add(read(element, name));
                else Add(element, depth + 1);
        }
        Add(data, 0);
        return [.. all];
    }

    private static string TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong($"input '{name}': expected texts, found {element.ValueKind}");

    private static float NumberOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetSingle(out float number) && float.IsFinite(number)
            ? number : throw Wrong($"input '{name}': expected finite numbers, found {Shown(element.GetRawText())}");

    private static float WholeOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long number) ? Whole(number, name)
            : throw Wrong($"input '{name}': expected whole numbers, found {Shown(element.GetRawText())}");

    private static float Whole(long number, string name) =>
        number is >= 0 and < Longest ? number : throw Wrong($"input '{name}': there is no symbol {number}");

    // Little-endian, one after the other; of texts each has its length before it.
    private static float[] Numbers(ReadOnlySpan<byte> bytes, string name, long count, string datatype)
    {
        int size = datatype == TensorForm.Long ? sizeof(long) : sizeof(int);
        if (bytes.Length != count * size) throw Wrong($"input '{name}': expected {count * size} bytes, found {bytes.Length}");
        float[] numbers = new float[count];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = datatype switch
            {
                TensorForm.Single => BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * size)..]),
                TensorForm.Long => Whole(BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * size)..]), name),
                _ => Whole(BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * size)..]), name),
            };
        foreach (float number in numbers)
            if (!float.IsFinite(number)) throw Wrong($"input '{name}': expected finite numbers, found {number}");
        return numbers;
    }

    private static string[] Texts(ReadOnlySpan<byte> bytes, string name, long count)
    {
        List<string> texts = [];
        try
        {
            while (bytes.Length > 0)
            {
                long length = bytes.Length < sizeof(uint) ? long.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                if (length > bytes.Length - sizeof(uint)) throw Wrong($"input '{name}': its last text is cut short");
                texts.Add(s_strict.GetString(bytes.Slice(sizeof(uint), (int)length)));
                bytes = bytes[(sizeof(uint) + (int)length)..];
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new ServingException(Refusal.Invalid, $"input '{name}': a text is not UTF-8.", e);
        }
        return texts.Count == count ? [.. texts] : throw Wrong($"input '{name}': expected {count} texts, found {texts.Count}");
    }

    private static ServingException Wrong(string what) => new(Refusal.Invalid, what + "; see the model's metadata.");

    private static string Shown(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private sealed record Boxed(long? Value);
}
