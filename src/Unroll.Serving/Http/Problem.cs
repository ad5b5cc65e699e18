using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Core;

namespace Unroll.Serving.Http;

//  https://www.rfc-editor.org/rfc/rfc9457

/// <summary>What went wrong with a request, as problem details.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Title">It in words.</param>
/// <param name="Detail">One line: what, where, what was expected, what to do.</param>
internal sealed record Problem(int Status, string Title, string Detail)
{
    // Sentences with quotation marks, for people to read: they are no part of any HTML.
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private IReadOnlyList<long>? Kept { get; init; }

    private long? Position { get; init; }

    /// <summary>The problem that an exception stands for; null: nobody waits for an answer.</summary>
    public static Problem? Of(Exception e, HttpContext context) => e switch
    {
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => null,
        ServingException refused => Of(refused),
        UserErrorException wrong => new(StatusCodes.Status400BadRequest, "Invalid request", wrong.Message),
        JsonException wrong => new(StatusCodes.Status400BadRequest, "Invalid request", $"the body: {wrong.Message.TrimEnd('.')}."),
        BadHttpRequestException wrong => new(wrong.StatusCode, "Invalid request", wrong.Message),
        IOException when context.RequestAborted.IsCancellationRequested => null,
        _ => new(StatusCodes.Status500InternalServerError, "A fault of the server",
            "the server has a fault, which is in its log; the session is as it was."),
    };

    /// <summary>Writes it as the response.</summary>
    public async Task Write(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.Clear();
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/problem+json";
        if (Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        if (Status == StatusCodes.Status413PayloadTooLarge) context.Response.Headers.Connection = "close";      // what is left of it is not read
        if (Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        await context.Response.Body.WriteAsync(ToJson(context.GetEndpoint()?.Metadata.GetMetadata<ErrorForm>()), context.RequestAborted);
    }

    /// <summary>It as one JSON object.</summary>
    /// <param name="form">What it has beside; null: nothing.</param>
    public byte[] ToJson(ErrorForm? form = null)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, s_readable))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", Title);
            json.WriteNumber("status", Status);
            json.WriteString("detail", Detail);
            if (Position is long position) json.WriteNumber("position", position);
            if (Kept is { } kept)
            {
                json.WriteStartArray("kept");
                foreach (long one in kept) json.WriteNumberValue(one);
                json.WriteEndArray();
            }
            if (form == ErrorForm.Text) json.WriteString("error", Detail);
            if (form == ErrorForm.Message)
                json.WriteObject("error", this, (own, problem) =>
                {
                    own.WriteString("message", problem.Detail);
                    own.WriteString("type", problem.Status switch
                    {
                        StatusCodes.Status401Unauthorized => "authentication_error",
                        StatusCodes.Status429TooManyRequests => "rate_limit_error",
                        >= StatusCodes.Status500InternalServerError => "server_error",
                        _ => "invalid_request_error",
                    });
                    own.WriteNull("param");
                    own.WriteNull("code");
                });
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static Problem Of(ServingException e)
    {
        (int status, string title) = e.Refusal switch
        {
            Refusal.NotFound => (StatusCodes.Status404NotFound, "Not found"),
            Refusal.Conflict => (StatusCodes.Status409Conflict, "Conflict"),
            Refusal.TooMany => (StatusCodes.Status429TooManyRequests, "Too many requests"),
            Refusal.Away => (StatusCodes.Status503ServiceUnavailable, "Service unavailable"),
            Refusal.NoKey => (StatusCodes.Status401Unauthorized, "Unauthorized"),
            _ => (StatusCodes.Status400BadRequest, "Invalid request"),
        };
        return new Problem(status, title, e.Message) { Position = e.Position, Kept = e.Kept };
    }
}
