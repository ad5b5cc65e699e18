using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Core;
using Unroll.Serving.Sessions;

namespace Unroll.Serving.Http;

/// <summary>Sessions: begun, asked, saved, copied, ended.</summary>
internal sealed class SessionEndpoints(SessionHost host)
{
    /// <summary><c>POST /v1/models/{model}/sessions</c>.</summary>
    public async Task Create(Exchange exchange)
    {
        (SessionConfiguration options, string? name, byte[]? snapshot) = await exchange.Read(json =>
            (SessionConfiguration.Read(json), json.TextOrNull("session"), Bytes(json.TextOrNull("snapshot"))));
        using SessionHandle session = await host.CreateAsync(exchange.Owner, exchange["model"], options, name, snapshot);
        await Created(exchange, session);
    }

    /// <summary><c>GET …/sessions/{session}</c>.</summary>
    public async Task Get(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        await Status(exchange, session, await session.StatusAsync(exchange.Stop));
    }

    /// <summary><c>DELETE …/sessions/{session}</c>.</summary>
    public async Task Delete(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        await session.DeleteAsync();
        exchange.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary><c>POST …/steps</c> with <c>{"at": N, "steps": […]}</c>.</summary>
    public async Task Steps(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        (long at, JsonElement steps) = await exchange.Read(Asked);
        StepReply reply = await session.StepAsync(at, steps, default, brief: true, exchange.Stop);
        await exchange.Answer(json =>
        {
            json.WriteNumber("at", reply.At);
            json.WriteNumber("position", reply.Position);
            json.WriteNumber("durable", reply.Durable);
            json.WriteBoolean("repeated", reply.Repeated);
            json.WritePropertyName("answers");
            json.WriteRawValue(reply.Answers.Span, skipInputValidation: true);
        });
    }

    /// <summary><c>GET …/snapshot</c>: bytes.</summary>
    public async Task Snapshot(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        await exchange.Answer(await session.SnapshotAsync(exchange.Stop), "application/octet-stream");
    }

    /// <summary><c>POST …/restore</c>: the body is a snapshot.</summary>
    public async Task Restore(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        await Status(exchange, session, await session.RestoreAsync(await exchange.Body(), exchange.Stop));
    }

    /// <summary><c>POST …/fork</c>.</summary>
    public async Task Fork(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        using SessionHandle fork = await session.ForkAsync(await exchange.Read(json => json.TextOrNull("session")), exchange.Stop);
        await Created(exchange, fork);
    }

    /// <summary><c>POST …/rewind</c> with <c>{"position": N}</c>.</summary>
    public async Task Rewind(Exchange exchange)
    {
        using SessionHandle session = Open(exchange);
        long position = await exchange.Read(json => json.Long("position", 0));
        await Status(exchange, session, await session.RewindAsync(position, exchange.Stop));
    }

    /// <summary>The session that an address names.</summary>
    internal SessionHandle Open(Exchange exchange) => Open(host, exchange);

    /// <summary>The session that an address names: of this owner, and of the model of that name.</summary>
    internal static SessionHandle Open(SessionHost host, Exchange exchange)
    {
        SessionHandle session = host.Open(exchange.Owner, exchange["session"]);
        if (session.Model.Name == exchange["model"]) return session;
        session.Dispose();
        throw new ServingException(Refusal.NotFound, $"the model '{Shown(exchange["model"])}' has no session '{Shown(exchange["session"])}'.");
    }

    /// <summary>What a request for steps says.</summary>
    internal static (long At, JsonElement Steps) Asked(JsonRecord json) => (json.Long("at", 0), json.Element("steps").Clone());

    private static async Task Created(Exchange exchange, SessionHandle session)
    {
        exchange.Context.Response.Headers.Location = $"/v1/models/{session.Model.Name}/sessions/{session.Name}";
        await Status(exchange, session, await session.StatusAsync(exchange.Stop), StatusCodes.Status201Created);
    }

    private static Task Status(Exchange exchange, SessionHandle session, SessionStatus status, int code = StatusCodes.Status200OK) =>
        exchange.Answer(json => Write(json, session, status), code);

    private static void Write(Utf8JsonWriter json, SessionHandle session, SessionStatus status)
    {
        json.WriteString("session", session.Name);
        json.WriteString("model", session.Model.Name);
        json.WriteString("version", session.Model.Weights);
        json.WriteNumber("position", status.Position);
        json.WriteNumber("durable", status.Durable);
        json.WriteStartArray("kept");
        foreach (long position in status.Kept) json.WriteNumberValue(position);
        json.WriteEndArray();
        json.WriteObject("options", session.Options, (own, options) => options.WriteJson(own));
        if (status.Last.At < 0 || status.Last.Numbers) return;
        json.WriteStartObject("last");
        json.WriteNumber("at", status.Last.At);
        json.WritePropertyName("answers");
        json.WriteRawValue(status.Last.Answer.Span, skipInputValidation: true);
        json.WriteEndObject();
    }

    private static byte[]? Bytes(string? base64)
    {
        if (base64 is null) return null;
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) ? bytes[..length]
            : throw new ServingException(Refusal.Invalid, "snapshot: expected the bytes of a snapshot in base 64.");
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;
}
