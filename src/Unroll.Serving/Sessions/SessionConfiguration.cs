using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Sessions;

/// <summary>How a session begins, and what is kept of it.</summary>
public sealed record SessionConfiguration
{
    /// <summary>The most snapshots that a session keeps.</summary>
    public const int MostKept = 1000;

    /// <summary>Which steps survive the end of the process.</summary>
    public Durability Durability { get; init; }

    /// <summary>A snapshot is kept every so many steps; 0: none.</summary>
    public int KeepEvery { get; init; }

    /// <summary>How many of them are kept: the last ones.</summary>
    public int KeepLast { get; init; } = 16;

    /// <summary>The task's own settings.</summary>
    public SessionSettings Settings { get; init; } = new();

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="UserErrorException">One is.</exception>
    public void Check()
    {
        if (KeepEvery < 0) throw new UserErrorException($"keep_every: expected a whole number from 0, got {KeepEvery}.");
        if (KeepLast is < 1 or > MostKept) throw new UserErrorException($"keep_last: expected a whole number from 1 to {MostKept}, got {KeepLast}.");
    }

    /// <summary>The options as JSON, all of them.</summary>
    public string ToJson() => JsonText.Of(WriteJson, indented: false);

    /// <summary>Writes the members of the JSON object.</summary>
    /// <param name="json">An object that has been started.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("durability", Durability.ToString());
        json.WriteNumber("keep_every", KeepEvery);
        json.WriteNumber("keep_last", KeepLast);
        if (Settings.Rate is int rate) json.WriteNumber("rate", rate);
        if (Settings.Sampling is not { } sampling) return;
        json.WriteStartObject("sampling");
        json.WriteNumber("temperature", sampling.Temperature);
        if (sampling.TopK is int k) json.WriteNumber("top_k", k);
        if (sampling.TopP is double p) json.WriteNumber("top_p", p);
        json.WriteNumber("seed", sampling.Seed);
        json.WriteEndObject();
    }

    /// <summary>Reads options; what is not there has its default.</summary>
    /// <param name="json">An object.</param>
    /// <exception cref="JsonException">A member is unknown or of another kind.</exception>
    /// <exception cref="UserErrorException">A value is out of its range.</exception>
    public static SessionConfiguration Read(JsonRecord json)
    {
        SessionConfiguration options = new()
        {
            Durability = Durability.Parse(json.Text("durability", "none")),
            KeepEvery = json.Between("keep_every", 0, int.MaxValue, 0),
            KeepLast = json.Between("keep_last", 1, MostKept, 16),
            Settings = new SessionSettings
            {
                Rate = json.WholeOrNull("rate"),
                Sampling = json.ObjectOrNull("sampling", Sampling),
            },
        };
        return options;
    }

    private static SamplingOptions Sampling(JsonRecord json)
    {
        SamplingOptions sampling = new()
        {
            Temperature = json.Absent("temperature") ? 1 : json.Real("temperature"), TopK = json.WholeOrNull("top_k"),
            TopP = json.Absent("top_p") ? null : json.Real("top_p"), Seed = json.Unsigned("seed", 1),
        };
        SamplingOptions.Lines.Check(sampling);
        return sampling;
    }
}
