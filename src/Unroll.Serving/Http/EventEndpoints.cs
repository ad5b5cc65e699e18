using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Unroll.Serving.Sessions;

namespace Unroll.Serving.Http;

//  id: the position after the step    data: {"at": …, "position": …, "durable": …, "answer": {…}}
//  https://html.spec.whatwg.org/multipage/server-sent-events.html

/// <summary>
/// Answers as they come, as server-sent events: each step is a request of its own, and the session stands after the last event that was sent.
/// </summary>
internal sealed class EventEndpoints(SessionHost host)
{
    private const string EventStream = "text/event-stream";

    /// <summary>Whether a request wants its answers as events.</summary>
    public static bool AreAsked(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains(EventStream, StringComparison.OrdinalIgnoreCase);

    /// <summary><c>POST …/steps</c> with <c>Accept: text/event-stream</c>.</summary>
    public async Task Steps(Exchange exchange)
    {
        using SessionHandle session = SessionEndpoints.Open(host, exchange);
        (long at, JsonElement steps) = await exchange.Read(SessionEndpoints.Asked);
        if (steps.ValueKind != JsonValueKind.Array || steps.GetArrayLength() is 0 || steps.GetArrayLength() > host.Limits.Steps)
            throw new ServingException(Refusal.Invalid, $"steps: expected a list of 1 to {host.Limits.Steps} steps, found {steps.ValueKind}.");
        await Send(exchange, session, at, steps.GetArrayLength(), i => (byte[])[(byte)'[', .. JsonMarshal.GetRawUtf8Value(steps[i]), (byte)']']);
    }

    /// <summary>
    /// <c>GET …/events?at=N&amp;draw=M</c>: M symbols are drawn, one a step. A client that was cut off says with <c>Last-Event-ID</c>
    /// where it stands, and gets those that are left.
    /// </summary>
    public async Task Draws(Exchange exchange)
    {
        using SessionHandle session = SessionEndpoints.Open(host, exchange);
        long begin = Number(exchange, "at") ?? (await session.StatusAsync(exchange.Stop)).Position;
        long end = begin + (Number(exchange, "draw")
            ?? throw new ServingException(Refusal.Invalid, "draw: expected how many symbols; say ?at=N&draw=M."));
        if (end - begin > host.Limits.Steps)
            throw new ServingException(Refusal.Invalid, $"draw: expected at most {host.Limits.Steps}, got {end - begin}.");
        string last = exchange.Context.Request.Headers["Last-Event-ID"].ToString();
        long at = last.Length == 0 ? begin : Whole(last) ?? throw new ServingException(Refusal.Invalid, "Last-Event-ID: expected a position.");
        if (at >= end)
        {
            exchange.Context.Response.StatusCode = StatusCodes.Status204NoContent;   // a browser asks no more
            return;
        }
        byte[] draw = "[{\"draw\":1}]"u8.ToArray();
        await Send(exchange, session, at, (int)(end - at), _ => draw);
    }

    // What is refused before the first event is a response like any other; later it is an event, the last one.
    private static async Task Send(Exchange exchange, SessionHandle session, long at, int count, Func<int, byte[]> step)
    {
        HttpContext context = exchange.Context;
        try
        {
            for (int i = 0; i < count; i++)
            {
                StepReply reply = await session.StepAsync(at + i, step(i), exchange.Stop);
                if (i == 0)
                {
                    context.Response.ContentType = EventStream;
                    context.Response.Headers.CacheControl = "no-store";
                    context.Response.Headers["X-Accel-Buffering"] = "no";
                    context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
                }
                await context.Response.Body.WriteAsync(Event(reply), exchange.Stop);
                await context.Response.Body.FlushAsync(exchange.Stop);
            }
            await context.Response.Body.WriteAsync("event: end\ndata: {}\n\n"u8.ToArray(), exchange.Stop);
        }
        catch (Exception e) when (context.Response.HasStarted && Problem.Of(e, context) is { } problem)
        {
            await context.Response.Body.WriteAsync((byte[])[.. "event: problem\ndata: "u8, .. problem.ToJson(), .. "\n\n"u8], exchange.Stop);
        }
    }

    private static byte[] Event(in StepReply reply)
    {
        ArrayBufferWriter<byte> bytes = new();
        bytes.Write(Encoding.ASCII.GetBytes($"id: {reply.Position}\ndata: "));
        Write(bytes, reply);
        bytes.Write("\n\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes the answer to one step, as events and messages have it.</summary>
    internal static void Write(IBufferWriter<byte> bytes, in StepReply reply)
    {
        using Utf8JsonWriter json = new(bytes);
        json.WriteStartObject();
        json.WriteNumber("at", reply.At);
        json.WriteNumber("position", reply.Position);
        json.WriteNumber("durable", reply.Durable);
        json.WritePropertyName("answer");
        json.WriteRawValue(reply.Answers.Span[1..^1], skipInputValidation: true);
        json.WriteEndObject();
    }

    internal static long? Number(Exchange exchange, string name)
    {
        string text = exchange.Context.Request.Query[name].ToString();
        return text.Length == 0 ? null : Whole(text)
            ?? throw new ServingException(Refusal.Invalid, $"{name}: expected a whole number of at least 0.");
    }

    private static long? Whole(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < int.MaxValue ? number : null;
}
