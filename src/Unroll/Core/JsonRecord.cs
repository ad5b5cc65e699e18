using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Unroll.Core;

/// <summary>
/// An object of a JSON text, read member by member. What is missing, unknown or of another kind is refused with its place, what was expected and
/// what was found. Readers by hand rather than generated ones, because those are a thousand small methods to compile before a program does anything.
/// </summary>
/// <remarks>
/// <para>JSON is read as strictly as RFC 8259 lets: no comments, no commas before a closing bracket, no name twice in an object, at most 64 objects
/// and lists in each other, every text and name whole Unicode (<c>"\ud800"</c> alone is half a character). A number is a number, not <c>"8"</c> or
/// <c>[8]</c>, and fits what it is read as: <c>1e999</c> is none. <c>null</c> is a value only where a member may have none. A file of options that
/// a person wrote (<c>byHand</c>) may have comments and such commas.</para>
/// Every reader takes the member's name, and where it has a <c>fallback</c> gives that for a member that is not there. What is missing without one,
/// of another kind, or out of range, is a <see cref="JsonException"/> that says where, what was expected and what was found; members that nobody
/// asked for are refused when the object has been read.
/// </remarks>
public sealed class JsonRecord
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly JsonElement _object;
    private readonly string _path;                           // "" at the top, else "columns[0].level."
    private readonly List<string> _asked = [];

    private JsonRecord(JsonElement json, string path) => (_object, _path) = (json, path);

    /// <summary>What a member is called in errors.</summary>
    public string Noun { get; init; } = "member";

    /// <summary>Reads a text that is one object.</summary>
    /// <param name="json">The text.</param>
    /// <param name="read">Asks for every member that there may be.</param>
    /// <param name="noun">What a member is called in errors.</param>
    /// <exception cref="JsonException">It is not JSON, or not what <paramref name="read"/> asks for; the message says where and why.</exception>
    public static T Read<T>(string json, Func<JsonRecord, T> read, string noun = "member") => Parse(json, root => From(root, "", read, noun));

    /// <summary>Reads a text in UTF-8 that is one object.</summary>
    /// <param name="utf8">The text; a byte order mark is passed over.</param>
    /// <param name="read">Asks for every member that there may be; its elements are gone afterwards.</param>
    /// <exception cref="JsonException">It is not JSON, or not what <paramref name="read"/> asks for; the message says where and why.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, Func<JsonRecord, T> read) => Parse(utf8, root => From(root, "", read, "member"));

    /// <summary>Reads a text by a reader of its own.</summary>
    /// <param name="json">The text.</param>
    /// <param name="read">Takes what it needs; the element is gone afterwards.</param>
    /// <exception cref="JsonException">It is not JSON, or not what <paramref name="read"/> takes; the message says where and why.</exception>
    public static T Parse<T>(string json, Func<JsonElement, T> read)
    {
        byte[] utf8;
        try
        {
            utf8 = s_strict.GetBytes(json);
        }
        catch (EncoderFallbackException e)
        {
            throw new JsonException("it is not JSON: a text in it is not Unicode", e);
        }
        return Parse(utf8, read);
    }

    /// <summary>Reads a text in UTF-8 by a reader of its own.</summary>
    /// <param name="utf8">The text; a byte order mark is passed over.</param>
    /// <param name="read">Takes what it needs; the element is gone afterwards.</param>
    /// <param name="byHand">Whether a person wrote it: then there may be comments, and commas before a closing bracket.</param>
    /// <exception cref="JsonException">It is not JSON, or not what <paramref name="read"/> takes; the message says where and why.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read, bool byHand = false)
    {
        if (utf8.Span is [0xEF, 0xBB, 0xBF, ..]) utf8 = utf8[3..];
        JsonCommentHandling comments = byHand ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow;
        JsonDocument document;
        try
        {
            RequireSound(utf8.Span, new JsonReaderOptions { CommentHandling = comments, AllowTrailingCommas = byHand });
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { CommentHandling = comments, AllowTrailingCommas = byHand });
        }
        catch (JsonException e)
        {
            string line = e.LineNumber is { } number ? $", line {number + 1}" : "";
            throw new JsonException($"it is not JSON{line}: {e.Message.Split(" LineNumber")[0].ReplaceLineEndings(" ").TrimEnd('.')}", null,
                e.LineNumber, e.BytePositionInLine, e);
        }
        using (document) return read(document.RootElement);
    }

    /// <summary>Refuses an element that a caller parsed and that holds half a character, a number that none is, or a name twice in an object:
    /// reading it would fail anywhere, or take one of two values.</summary>
    /// <param name="json">The element.</param>
    /// <exception cref="JsonException">It does; says what.</exception>
    public static void RequireSound(JsonElement json) => RequireSound(JsonMarshal.GetRawUtf8Value(json), default);

    // Parsers pass over what escapes stand for, and how large a number is. Names are compared here and not by AllowDuplicateProperties, which hashes
    // them with a seed of the system's cryptographic library: on Linux that is OpenSSL, which a machine need not have.
    private static void RequireSound(ReadOnlySpan<byte> utf8, JsonReaderOptions options)
    {
        if (!Utf8.IsValid(utf8)) throw NotSound(utf8[..FirstInvalid(utf8)], "a byte in it is not UTF-8");
        Utf8JsonReader reader = new(utf8, options);
        Stack<HashSet<string>> names = new();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject) names.Push([]);
            if (reader.TokenType == JsonTokenType.EndObject) names.Pop();
            if (reader.TokenType == JsonTokenType.Number && !(reader.TryGetDouble(out double number) && double.IsFinite(number)))
                throw NotSound(utf8[..(int)reader.TokenStartIndex], "a number in it is too large");
            string? text = reader.TokenType == JsonTokenType.PropertyName
                || (reader.ValueIsEscaped && reader.TokenType == JsonTokenType.String) ? TextOf(ref reader, utf8) : null;
            if (reader.TokenType == JsonTokenType.PropertyName && !names.Peek().Add(text!))
                throw NotSound(utf8[..(int)reader.TokenStartIndex], $"Duplicate property '{text}'");
        }
    }

    private static string TextOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw NotSound(utf8[..(int)reader.TokenStartIndex], "a text in it is not Unicode, an escape such as \\ud800 is half a character");
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == OperationStatus.Done) at += length;
        return at;
    }

    private static JsonException NotSound(ReadOnlySpan<byte> before, string what) => new(what, null, before.Count((byte)'\n'), null);

    /// <summary>A text.</summary>
    public string Text(string name, string? fallback = null) =>
        fallback is not null && Absent(name) ? fallback : Member(name, JsonValueKind.String, "a text").GetString()!;

    /// <summary>A text; null where the member is missing or <c>null</c>.</summary>
    public string? TextOrNull(string name) => IsNull(name) ? null : Text(name);

    /// <summary>A whole number of 32 bits.</summary>
    public int Whole(string name, int? fallback = null) =>
        fallback is { } u && Absent(name) ? u : WholeOf(Member(name, JsonValueKind.Number, WholeNumber), _path + name);

    /// <summary>A whole number of a range.</summary>
    /// <param name="name">The member.</param>
    /// <param name="min">The least that it may be.</param>
    /// <param name="max">The most that it may be.</param>
    /// <param name="fallback">For a member that is not there.</param>
    public int Between(string name, int min, int max, int? fallback = null)
    {
        if (fallback is { } u && Absent(name)) return u;
        JsonElement member = Member(name);
        return member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out int value) && value >= min && value <= max
            ? value : throw Misfit(_path + name, $"a whole number from {min} to {max}", member);
    }

    /// <summary>A number of a range.</summary>
    /// <inheritdoc cref="Between(string, int, int, int?)"/>
    public double RealBetween(string name, double min, double max) => Real(name) is var value && value >= min && value <= max
        ? value : throw Misfit(_path + name, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"), Member(name));

    /// <summary>A whole number of 32 bits; null where the member is missing or <c>null</c>.</summary>
    public int? WholeOrNull(string name) => IsNull(name) ? null : Whole(name);

    /// <summary>A whole number of 64 bits.</summary>
    /// <param name="name">The member.</param>
    /// <param name="min">The least that it may be.</param>
    public long Long(string name, long min = long.MinValue) => Member(name, JsonValueKind.Number, WholeNumber) is var m
        && m.TryGetInt64(out long v) && v >= min ? v : throw Misfit(_path + name, min == 0 ? "a whole number of at least 0" : WholeNumber, m);

    /// <summary>A whole number of at least 0, of 64 bits.</summary>
    public ulong Unsigned(string name, ulong? fallback = null)
    {
        if (fallback is { } u && Absent(name)) return u;
        JsonElement member = Member(name, JsonValueKind.Number, "a whole number of at least 0");
        return member.TryGetUInt64(out ulong value) ? value : throw Misfit(_path + name, "a whole number of at least 0", member);
    }

    /// <summary>A finite number.</summary>
    public double Real(string name) => RealOf(Member(name), _path + name);

    /// <summary>A number, or the words <c>Infinity</c>, <c>-Infinity</c>, <c>NaN</c>: what <see cref="JsonText.AnyNumber"/> writes.</summary>
    public double AnyReal(string name) => Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number => RealOf(number, _path + name),
        { ValueKind: JsonValueKind.String } word when word.GetString() is "Infinity" or "-Infinity" or "NaN" =>
            double.Parse(word.GetString()!, CultureInfo.InvariantCulture),
        var other => throw Misfit(_path + name, "a number", other),
    };

    /// <summary>A finite number in single precision.</summary>
    public float Single(string name, float? fallback = null) => fallback is { } u && Absent(name) ? u : SingleOf(Member(name), _path + name);

    /// <summary>A number in single precision; null where the member is missing or <c>null</c>.</summary>
    public float? SingleOrNull(string name) => IsNull(name) ? null : Single(name);

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool? fallback = null)
    {
        if (fallback is { } u && Absent(name)) return u;
        JsonElement member = Member(name);
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? member.ValueKind == JsonValueKind.True
            : throw Misfit(_path + name, "true or false", member);
    }

    /// <summary>One of an enumeration's names; case does not count.</summary>
    public T Choice<T>(string name, T? fallback = null) where T : struct, Enum
    {
        if (fallback is { } u && Absent(name)) return u;
        JsonElement member = Member(name, JsonValueKind.String, "a text");
        string word = member.GetString()!;
        string[] words = Enum.GetNames<T>();
        foreach (string known in words)
            if (known.Equals(word, StringComparison.OrdinalIgnoreCase)) return Enum.Parse<T>(known);
        throw Misfit(_path + name, $"one of {string.Join(", ", words)}", member, NearestName.Question(word, words));
    }

    /// <summary>An object, and nothing in it that <paramref name="read"/> does not ask for.</summary>
    public T Object<T>(string name, Func<JsonRecord, T> read, string noun = "member") => From(Member(name), _path + name, read, noun);

    /// <summary>A member as it is, for a reader of its own.</summary>
    public JsonElement Element(string name) => Member(name);

    /// <summary>An object; null where the member is missing or <c>null</c>.</summary>
    public T? ObjectOrNull<T>(string name, Func<JsonRecord, T> read) where T : class => IsNull(name) ? null : Object(name, read);

    /// <summary>A list of objects.</summary>
    public T[] Objects<T>(string name, Func<JsonRecord, T> read) => List(name, (element, path) => From(element, path, read, "member"));

    /// <summary>A list of texts.</summary>
    public string[] Texts(string name) =>
        List(name, (element, path) => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Misfit(path, "a text", element));

    /// <summary>A list of whole numbers.</summary>
    public int[] Wholes(string name) => List(name, WholeOf);

    /// <summary>A list of finite numbers.</summary>
    public double[] Reals(string name) => List(name, RealOf);

    /// <summary>A list of counts: whole numbers of at least 0.</summary>
    public long[] Counts(string name) => List(name, (element, path) =>
        RealOf(element, path) is var count && count == Math.Floor(count) && count is >= 0 and <= 1L << 53
            ? (long)count : throw Misfit(path, "a whole number of at least 0", element));

    /// <summary>Rows of finite numbers, <c>null</c> for NaN; they need not be of one length.</summary>
    public float[][] Rows(string name) => List(name, (row, path) => Elements(row, path, (element, at) =>
        element.ValueKind == JsonValueKind.Null ? float.NaN : SingleOf(element, at)));

    /// <summary>A member that is written for readers of the file and follows from others.</summary>
    public void Ignore(string name) => _asked.Add(name);

    /// <summary>The fault that a member is not there.</summary>
    public JsonException Missing(string name) => new($"the {Noun} '{name}' is missing{Place}");

    /// <summary>Whether a member is not there.</summary>
    public bool Absent(string name)
    {
        _asked.Add(name);
        return !_object.TryGetProperty(name, out _);
    }

    private const string WholeNumber = "a whole number";

    private bool IsNull(string name) => Absent(name) || _object.GetProperty(name).ValueKind == JsonValueKind.Null;

    private JsonElement Member(string name)
    {
        _asked.Add(name);
        return _object.TryGetProperty(name, out JsonElement member)
            ? member
            : throw Missing(name);
    }

    private JsonElement Member(string name, JsonValueKind kind, string expected) =>
        Member(name) is var member && member.ValueKind == kind ? member : throw Misfit(_path + name, expected, member);

    private T[] List<T>(string name, Func<JsonElement, string, T> read) => Elements(Member(name), _path + name, read);

    private string Place => _path.Length == 0 ? "" : $" in {_path.TrimEnd('.')}";

    private static T[] Elements<T>(JsonElement list, string path, Func<JsonElement, string, T> read)
    {
        if (list.ValueKind != JsonValueKind.Array) throw Misfit(path, "a list", list);
        T[] elements = new T[list.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in list.EnumerateArray()) elements[i] = read(element, $"{path}[{i++}]");
        return elements;
    }

    private static T From<T>(JsonElement json, string path, Func<JsonRecord, T> read, string noun)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Misfit(path, "an object", json);
        JsonRecord record = new(json, path.Length == 0 ? "" : path + ".") { Noun = noun };
        T value = read(record);
        foreach (JsonProperty member in json.EnumerateObject())
            if (!record._asked.Contains(member.Name))
                throw new JsonException(
                    $"there is no {noun} '{member.Name}'{record.Place}{NearestName.Question(member.Name, record._asked).TrimEnd('?')}");
        return value;
    }

    private static int WholeOf(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) ? value : throw Misfit(path, WholeNumber, element);

    private static double RealOf(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) && double.IsFinite(value)
            ? value : throw Misfit(path, "a number", element);

    private static float SingleOf(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetSingle(out float value) && float.IsFinite(value)
            ? value : throw Misfit(path, "a number", element);

    private static JsonException Misfit(string path, string expected, JsonElement found, string question = "")
    {
        string text = found.ValueKind is JsonValueKind.Object ? "an object" : found.ValueKind is JsonValueKind.Array ? "a list" : found.GetRawText();
        if (text.Length > 40) text = text[..40] + "…";
        return new JsonException(
            $"{(path.Length == 0 ? "" : $"{path} is not what belongs there: ")}expected {expected}, found {text}{question.TrimEnd('?')}");
    }
}
