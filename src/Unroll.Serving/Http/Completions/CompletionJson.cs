using System.Text.Json;
using Unroll.Core;
using Unroll.Serving.Models;

namespace Unroll.Serving.Http.Completions;

/// <summary>Writes completions.</summary>
/// <param name="request">What was asked.</param>
/// <param name="model">Of whom.</param>
internal sealed class CompletionJson(CompletionRequest request, ServedModel model)
{
    private readonly string _id = $"cmpl-{Guid.NewGuid():N}";
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly HashSet<int> _begun = [];               // whose prompts have been told

    /// <summary>Writes the members of the whole answer.</summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="all">The completions.</param>
    /// <param name="drawn">The symbols of each.</param>
    public void Whole(Utf8JsonWriter json, Completion[] all, List<DrawnSymbol>[] drawn)
    {
        Head(json);
        json.WriteObjects("choices", all, (own, one) => Choice(own, one, drawn[one.Index], Reason(one)));
        WriteUsage(json, all);
    }

    /// <summary>An event with symbols as they come.</summary>
    public byte[] Event(Completion one, List<DrawnSymbol> symbols) =>
        Event(json => json.WriteObjects("choices", (Completion[])[one], (own, choice) => Choice(own, choice, symbols, null)));

    /// <summary>The event with which a completion ends.</summary>
    public byte[] End(Completion one) =>
        Event(json => json.WriteObjects("choices", (Completion[])[one], (own, choice) => Choice(own, choice, [], Reason(choice))));

    /// <summary>The event that counts symbols.</summary>
    public byte[] Usage(Completion[] all) => Event(json =>
    {
        json.WriteStartArray("choices");
        json.WriteEndArray();
        WriteUsage(json, all);
    });

    private byte[] Event(Action<Utf8JsonWriter> members) => [.. "data: "u8, .. Exchange.Of(json =>
    {
        Head(json);
        members(json);
    }), .. "\n"u8];

    private void Head(Utf8JsonWriter json)
    {
        json.WriteString("id", _id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", _created);
        json.WriteString("model", model.Name);
        json.WriteString("system_fingerprint", model.Weights);
    }

    private void Choice(Utf8JsonWriter json, Completion one, List<DrawnSymbol> symbols, string? reason)
    {
        bool first;
        lock (_begun) first = _begun.Add(one.Index);
        json.WriteString("text", (request.Echo && first ? one.Prompt : "") + string.Concat(symbols.Select(symbol => symbol.Text)));
        json.WriteNumber("index", one.Index);
        if (request.LogProbabilities is { } top) json.WriteObject("logprobs", symbols, (own, some) => Probabilities(own, some, top));
        else json.WriteNull("logprobs");
        json.WriteString("finish_reason", reason);
    }

    private static void Probabilities(Utf8JsonWriter json, List<DrawnSymbol> symbols, int top)
    {
        json.WriteTexts("tokens", symbols.Select(one => one.Text));
        json.WriteNumbers("token_logprobs", symbols.Select(one => Finite(one.LogProbability)));
        if (top == 0) json.WriteNull("top_logprobs");
        else
        {
            json.WriteStartArray("top_logprobs");
            foreach (DrawnSymbol one in symbols)
                if (one.Top is null) json.WriteNullValue();
                else
                {
                    json.WriteStartObject();
                    foreach ((string symbol, double p) in one.Top.Take(top)) json.WriteNumber(symbol, Finite(p));
                    json.WriteEndObject();
                }
            json.WriteEndArray();
        }
        json.WriteNumbers("text_offset", symbols.Select(one => (double)one.Offset));
    }

    // JSON has no infinity; so little is as good as never.
    private static double Finite(double logProbability) => Math.Max(logProbability, -1e4);

    private static void WriteUsage(Utf8JsonWriter json, Completion[] all) => json.WriteObject("usage", all, (own, some) =>
    {
        long read = some.GroupBy(one => one.Index / one.Each).Sum(one => one.First().Read), drawn = some.Sum(one => (long)one.Drawn);
        own.WriteNumber("prompt_tokens", read);
        own.WriteNumber("completion_tokens", drawn);
        own.WriteNumber("total_tokens", read + drawn);
    });

    private static string Reason(Completion one) => one.Stopped ? "stop" : "length";
}
