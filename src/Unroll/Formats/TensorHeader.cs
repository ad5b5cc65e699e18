using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Core;

namespace Unroll.Formats;

/// <summary>What a header says of one tensor: its name, its type in the file, its shape, and its bytes [Begin, End) in the data.</summary>
internal sealed record TensorEntry(string Name, string Type, int[] Shape, long Begin, long End);

/// <summary>
/// The JSON header of a safetensors file: <c>{"__metadata__": {…}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}</c>.
/// Everything in it is checked.
/// </summary>
internal ref struct TensorHeader
{
    private const int MostSizes = 64;
    private readonly string _file;
    private Utf8JsonReader _json;

    private TensorHeader(ReadOnlySpan<byte> utf8, string file)
    {
        _json = new Utf8JsonReader(utf8);
        _file = file;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="utf8">The header's bytes, padding included.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="metadata">Receives the metadata in the order of the file.</param>
    /// <returns>The tensors in the order of the header; offsets checked one by one, not yet against each other.</returns>
    /// <exception cref="UserErrorException">The header is not what the format says.</exception>
    public static List<TensorEntry> Read(ReadOnlySpan<byte> utf8, string file, List<KeyValuePair<string, string>> metadata)
    {
        TensorHeader header = new(utf8, file);
        if (!Utf8.IsValid(utf8)) throw header.Wrong("its header is not UTF-8 text");
        if (utf8.IsEmpty || utf8[0] != (byte)'{') throw header.Wrong("its header does not begin with '{'");
        try
        {
            return header.ReadAll(metadata);
        }
        catch (JsonException e)
        {
            throw header.Wrong($"its header is not valid JSON near byte {e.BytePositionInLine} of line {e.LineNumber + 1}");
        }
        catch (InvalidOperationException)        // an escape that is half a surrogate pair
        {
            throw header.Wrong("its header holds an escaped character that does not exist");
        }
    }

    private List<TensorEntry> ReadAll(List<KeyValuePair<string, string>> metadata)
    {
        List<TensorEntry> entries = [];
        HashSet<string> seen = [];
        _json.Read();                            // the '{' that Read has seen
        while (NextKey(seen, "the header") is string name)
        {
            if (name == TensorFile.MetadataKey) ReadMetadata(metadata);
            else entries.Add(ReadEntry(name));
        }
        _json.Read();                            // anything but spaces after the last '}' is a JsonException
        return entries;
    }

    private void ReadMetadata(List<KeyValuePair<string, string>> metadata)
    {
        Expect(JsonTokenType.StartObject, TensorFile.MetadataKey, "an object");
        HashSet<string> seen = [];
        while (NextKey(seen, TensorFile.MetadataKey) is string key)
        {
            Expect(JsonTokenType.String, $"{TensorFile.MetadataKey} '{key}'", "a string");
            metadata.Add(new(key, _json.GetString()!));
        }
    }

    private TensorEntry ReadEntry(string name)
    {
        string what = $"tensor '{name}'";
        Expect(JsonTokenType.StartObject, what, "an object with dtype, shape and data_offsets");
        HashSet<string> seen = [];
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (NextKey(seen, what) is string key)
        {
            if (key == "dtype") type = ReadType(what);
            else if (key == "shape") shape = ReadNumbers($"{what}, shape");
            else if (key == "data_offsets") offsets = ReadNumbers($"{what}, data_offsets");
            else throw Wrong($"{what} has a field '{key}', which the format does not know");
        }
        if (type is null || shape is null || offsets is null)
            throw Wrong($"{what} lacks {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        return CheckEntry(name, type, shape, offsets);
    }

    private TensorEntry CheckEntry(string name, string type, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2) throw Wrong($"tensor '{name}' needs two data_offsets, begin and end, got {offsets.Count}");
        if (offsets[1] < offsets[0]) throw Wrong($"tensor '{name}' has data_offsets [{offsets[0]}, {offsets[1]}]: its end lies before its begin");

        string shapeText = $"[{string.Join(", ", shape)}]";
        Int128 bits = ElementCodec.BitsOf(type);
        foreach (long size in shape) bits = size == 0 || bits < Int128.MaxValue / size ? bits * size : Int128.MaxValue;
        Int128 bytes = (bits + 7) / 8;
        if (bytes != offsets[1] - offsets[0] || bits % 8 != 0)
            throw Wrong($"tensor '{name}' of shape {shapeText} and dtype {type} needs {Amount(bytes)}, "
                + $"but its data_offsets hold {offsets[1] - offsets[0]}");
        if (shape.Any(size => size > int.MaxValue) || bytes * ElementCodec.Widening(type) > Array.MaxLength || bits > Array.MaxLength * (Int128)64)
            throw new UserErrorException($"'{_file}': tensor '{name}' of shape {shapeText} is larger than the 2 GiB that one tensor may have here.");
        return new(name, type, [.. shape.Select(size => (int)size)], offsets[0], offsets[1]);
    }

    private static string Amount(Int128 bytes) => bytes > long.MaxValue ? "more bytes than can be counted" : $"{bytes} bytes";

    private string ReadType(string what)
    {
        Expect(JsonTokenType.String, $"{what}, dtype", "a string");
        string type = _json.GetString()!;
        return ElementCodec.Knows(type)
            ? type
            : throw new UserErrorException(
                $"'{_file}': {what} has dtype '{Clean(type)}'; read here are {ElementCodec.Known}: convert the tensor where the file was made.");
    }

    private List<long> ReadNumbers(string what)
    {
        Expect(JsonTokenType.StartArray, what, "an array");
        List<long> numbers = [];
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long number) || number < 0)
                throw Wrong($"{what}: expected whole numbers from 0 to {long.MaxValue}, got {Shown()}");
            if (numbers.Count == MostSizes) throw Wrong($"{what}: expected at most {MostSizes} numbers, found more");
            numbers.Add(number);
        }
        return numbers;
    }

    private string? NextKey(HashSet<string> seen, string where)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject) return null;
        string key = _json.GetString()!;
        if (key != Clean(key)) throw Wrong($"{where} holds a name that is no name: '{Clean(key)}'");
        return seen.Add(key) ? key : throw Wrong($"{where} names '{key}' twice");
    }

    private void Expect(JsonTokenType type, string what, string expected)
    {
        _json.Read();
        if (_json.TokenType != type) throw Wrong($"{what} must be {expected}, got {Shown()}");
    }

    // Names end up in messages of one line: no line breaks, no control characters, no page-long names.
    private static string Clean(string name) => string.Concat(name.Take(1000).Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c));

    private readonly string Shown() => _json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.EndObject or JsonTokenType.EndArray or JsonTokenType.None => "nothing",
        _ => Encoding.UTF8.GetString(_json.ValueSpan[..Math.Min(_json.ValueSpan.Length, 40)]),
    };

    private readonly UserErrorException Wrong(string what) =>
        new($"'{_file}' is damaged or not a safetensors file: {what}; fetch or write it again.");
}
