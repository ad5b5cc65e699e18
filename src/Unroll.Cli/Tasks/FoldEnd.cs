using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection.Report;

namespace Unroll.Cli;

/// <summary>One training of a cross-validation.</summary>
/// <param name="Name">As people know it.</param>
/// <param name="Options">The run without its other folds.</param>
internal sealed record Fold<TOptions>(string Name, TOptions Options);

/// <summary>What a training measured on its fold, for the sum of all.</summary>
/// <param name="Count">Sequences or words that were tested.</param>
/// <param name="Errors">Those that were wrong.</param>
/// <param name="Measures">By name; NaN where one is not defined on so few.</param>
/// <param name="HeldOut">Members that the task needs to measure all folds together.</param>
internal sealed record FoldEnd(int Count, int Errors, IReadOnlyList<(string Name, double Value)> Measures, Action<Utf8JsonWriter> HeldOut);

/// <summary>What all folds together came to.</summary>
/// <param name="Lines">The measures, for people.</param>
/// <param name="Json">Members of the JSON.</param>
/// <param name="Sections">Of the page.</param>
internal sealed record PooledEnd(IEnumerable<string> Lines, Action<Utf8JsonWriter> Json, IReadOnlyList<ReportSection> Sections);

/// <summary>A fold that is done, as the run's folder keeps it.</summary>
internal sealed record FoldResult(string Name, int Count, int Errors, IReadOnlyList<(string Name, double Value)> Measures, JsonElement HeldOut)
{
    internal static string ToJson(string name, FoldEnd end)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("fold", name);
            json.WriteNumber("count", end.Count);
            json.WriteNumber("errors", end.Errors);
            json.WriteStartObject("measures");
            foreach ((string measure, double value) in end.Measures) json.Number(measure, value);
            json.WriteEndObject();
            json.WriteStartObject("held_out");
            end.HeldOut(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="UserErrorException">It is something else.</exception>
    internal static FoldResult Read(string text, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement json = document.RootElement;
            return new FoldResult(json.GetProperty("fold").GetString()!, json.GetProperty("count").GetInt32(), json.GetProperty("errors").GetInt32(),
                [.. json.GetProperty("measures").EnumerateObject()
                    .Select(m => (m.Name, m.Value.ValueKind == JsonValueKind.Number ? m.Value.GetDouble() : double.NaN))],
                json.GetProperty("held_out").Clone());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserErrorException($"'{path}' is damaged; delete it, and its fold is measured again.", e);
        }
    }
}
