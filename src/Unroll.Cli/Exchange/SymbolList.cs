using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Cli.Exchange;

//  text     a symbol on each line, in the order of the embedding's rows; \n \t \r \\ \s: a line break, a tab, a return, a backslash, a blank
//  .json    ["a", "b", …], or {"a": 0, "b": 1, …}, or {"0": "a", …}

/// <summary>The symbols of an embedding's rows, from a file.</summary>
internal static class SymbolList
{
    /// <summary>Reads them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It is no such list, or a symbol stands twice.</exception>
    internal static string[] Read(string path)
    {
        byte[] bytes = InputFile.Bytes(path, "a list of symbols");
        string[] symbols = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? OfJson(bytes, path) : OfLines(bytes, path);
        if (symbols.GroupBy(symbol => symbol).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UserErrorException($"'{path}': the symbol '{twice.Key.ReplaceLineEndings("\\n")}' stands twice, on lines " +
                $"{string.Join(" and ", symbols.Index().Where(one => one.Item == twice.Key).Take(2).Select(one => one.Index + 1))}; each row has " +
                    $"its own.");
        return symbols;
    }

    private static string[] OfLines(byte[] bytes, string path)
    {
        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
        string[] lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
        return [.. lines.Select((line, i) => line.Length > 0 ? Plain(line)
            : throw new UserErrorException($"'{path}', line {i + 1}: expected a symbol, found an empty line; write a line break as \\n and a blank " +
                $"as \\s."))];
    }

    private static string Plain(string line)
    {
        if (!line.Contains('\\')) return line;
        StringBuilder plain = new();
        for (int i = 0; i < line.Length; i++)
        {
            char next = line[i] == '\\' && i + 1 < line.Length ? line[i + 1] : '\0';
            char? meant = next switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 's' => ' ', '\\' => '\\', _ => null };
            plain.Append(meant ?? line[i]);
            if (meant is not null) i++;
        }
        return plain.ToString();
    }

    private static string[] OfJson(byte[] bytes, string path)
    {
        try
        {
            return JsonRecord.Parse((ReadOnlyMemory<byte>)bytes, root => root.ValueKind switch
            {
                JsonValueKind.Array => [.. root.EnumerateArray().Select(Text)],
                JsonValueKind.Object => OfNumbers(root),
                _ => throw new JsonException("expected a list of texts, or an object of numbers by text"),
            }, byHand: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UserErrorException($"'{path}' is no list of symbols: {e.Message.TrimEnd('.')}; expected [\"a\", …] or {{\"a\": 0, …}}.", e);
        }
    }

    private static string Text(JsonElement symbol) => symbol.ValueKind == JsonValueKind.String ? symbol.GetString()!
        : throw new JsonException($"expected a symbol as a text, found {symbol.GetRawText()}");

    private static string[] OfNumbers(JsonElement root)
    {
        JsonProperty[] pairs = [.. root.EnumerateObject()];
        string?[] symbols = new string?[pairs.Length];
        foreach (JsonProperty pair in pairs)
        {
            (string symbol, int place) = pair.Value.ValueKind == JsonValueKind.Number ? (pair.Name, pair.Value.GetInt32())
                : (Text(pair.Value), int.TryParse(pair.Name, out int number) ? number : -1);
            if (place < 0 || place >= symbols.Length || symbols[place] is not null)
                throw new JsonException($"expected each number from 0 to {symbols.Length - 1} once, found {pair.Name}: {pair.Value}");
            symbols[place] = symbol;
        }
        return symbols!;
    }
}
