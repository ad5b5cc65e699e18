using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>One training of a cross-validation.</summary>
/// <param name="Name">The name shown to users.</param>
/// <param name="Options">The options of this fold's run.</param>
public sealed record Fold(string Name, TaskOptions Options);

/// <summary>What a run measured on its fold.</summary>
/// <param name="Count">Examples that were tested.</param>
/// <param name="Errors">Those that were wrong.</param>
/// <param name="Measures">By name; NaN where one is not defined on so few examples.</param>
/// <param name="HeldOut">A JSON object of what the task needs to measure all folds together.</param>
public sealed record FoldScore(int Count, int Errors, IReadOnlyList<(string Name, double Value)> Measures, JsonElement HeldOut)
{
    /// <summary>Makes one.</summary>
    /// <param name="count">Examples that were tested.</param>
    /// <param name="errors">Those that were wrong.</param>
    /// <param name="measures">By name.</param>
    /// <param name="heldOut">Writes the members of <see cref="HeldOut"/>.</param>
    public static FoldScore Of(int count, int errors, IReadOnlyList<(string Name, double Value)> measures, Action<Utf8JsonWriter> heldOut)
    {
        return new FoldScore(count, errors, measures, JsonRecord.Parse(JsonText.Of(heldOut, indented: false), root => root.Clone()));
    }

    /// <summary>The share of right examples.</summary>
    public double Accuracy => 1 - Errors / (double)Math.Max(1, Count);

    /// <summary>The value of a measure; NaN where there is none of that name.</summary>
    public double Of(string measure) => Measures.FirstOrDefault(m => m.Name == measure) is (not null, var value) ? value : double.NaN;

    /// <summary>As a JSON text, with the fold's name.</summary>
    internal string ToJson(string name) => JsonText.Of(json =>
    {
        json.WriteString("fold", name);
        json.WriteNumber("count", Count);
        json.WriteNumber("errors", Errors);
        json.Numbers("measures", Measures);
        json.WritePropertyName("held_out");
        HeldOut.WriteTo(json);
    }, indented: false);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="UserErrorException">It is something else.</exception>
    internal static (string Name, FoldScore Score) Read(string text, string path)
    {
        try
        {
            return JsonRecord.Parse(text, json => (json.GetProperty("fold").GetString()!, new FoldScore(json.GetProperty("count").GetInt32(),
                json.GetProperty("errors").GetInt32(), [.. json.GetProperty("measures").EnumerateObject()
                    .Select(m => (m.Name, m.Value.ValueKind == JsonValueKind.Number ? m.Value.GetDouble() : double.NaN))],
                json.GetProperty("held_out").Clone())));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserErrorException($"'{path}' is damaged; delete it, and its fold is measured again.", e);
        }
    }
}
