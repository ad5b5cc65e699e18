using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Serving.Sessions;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;

namespace Unroll.Serving.Http.Completions;

/// <summary>One completion: a session that reads the prompt, draws, and ends.</summary>
/// <param name="request">What was asked.</param>
/// <param name="index">Which one.</param>
internal sealed class Completion(CompletionRequest request, int index)
{
    /// <summary>Its place among all of the request.</summary>
    public int Index => index;

    /// <summary>How many there are of its prompt.</summary>
    public int Each => request.Each;

    /// <summary>The prompt.</summary>
    public string Prompt => request.Prompts[index / request.Each];

    /// <summary>Symbols of the prompt.</summary>
    public long Read { get; private set; }

    /// <summary>Symbols drawn.</summary>
    public int Drawn { get; private set; }

    /// <summary>Whether one of the stops came; else it is as long as was asked.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Draws it.</summary>
    /// <param name="session">A new session of the model.</param>
    /// <param name="take">Given symbols as soon as they are certain.</param>
    /// <param name="stop">Ends it.</param>
    public async Task Run(SessionHandle session, Func<List<DrawnSymbol>, ValueTask> take, CancellationToken stop)
    {
        LanguageDescription about = ((LanguageModel)session.Model.Model).Description;
        StringBuilder text = new(Prompt);
        StopTexts stops = new(request.Stops);
        (string, double)[]? top = null;
        if (Prompt.Length > 0)
        {
            Step read = await Take(session, json => json.WriteStringValue(Prompt), stop);
            (Read, top) = (read.Position, read.Next);
        }
        // One by one where somebody looks at each; the symbols are the same.
        int atOnce = request.Stream || request.Stops.Count > 0 || request.LogProbabilities is not null ? 1 : request.Most;
        while (Drawn < request.Most && !stops.Stopped)
        {
            int count = Math.Min(atOnce, request.Most - Drawn);
            Step step = await Take(session, json => Draw(json, count), stop);
            List<DrawnSymbol> certain = [];
            foreach (int symbol in step.Drawn)
            {
                int before = text.Length;
                TextSymbols.Append(text, about.Vocabulary.Symbols[symbol], about.Unit);
                certain.AddRange(stops.Push(new DrawnSymbol(text.ToString(before, text.Length - before), before, -step.Nats, top)));
            }
            Drawn += step.Drawn.Length;
            top = step.Next;
            if (Drawn == request.Most) certain.AddRange(stops.End());
            Stopped = stops.Stopped;
            if (certain.Count > 0) await take(certain);
        }
    }

    private static void Draw(Utf8JsonWriter json, int count)
    {
        json.WriteStartObject();
        json.WriteNumber("draw", count);
        json.WriteEndObject();
    }

    private static async Task<Step> Take(SessionHandle session, Action<Utf8JsonWriter> step, CancellationToken stop)
    {
        byte[] steps = Encoding.UTF8.GetBytes(JsonText.Of(json =>
        {
            json.WriteStartArray("steps");
            step(json);
            json.WriteEndArray();
        }, indented: false));
        StepReply reply = await session.StepAsync(SessionHandle.Here, JsonRecord.Parse(steps, root => root.GetProperty("steps").Clone()), stop);
        return JsonRecord.Parse(reply.Answers, root => Step.Of(root[0]));
    }

    // What the session answered.
    private sealed record Step(long Position, double Nats, int[] Drawn, (string Symbol, double LogProbability)[] Next)
    {
        public static Step Of(JsonElement answer) => new(answer.GetProperty("position").GetInt64(),
            answer.GetProperty("nats") is { ValueKind: JsonValueKind.Number } nats ? nats.GetDouble() : double.PositiveInfinity,
            answer.TryGetProperty("drawn", out JsonElement drawn) ? [.. drawn.EnumerateArray().Select(one => one.GetInt32())] : [],
            [.. answer.GetProperty("next").EnumerateArray().Select(one =>
                (one.GetProperty("symbol").GetString()!, Math.Log(one.GetProperty("p").GetDouble())))]);
    }
}
