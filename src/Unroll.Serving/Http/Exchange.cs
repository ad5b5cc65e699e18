using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Unroll.Core;

namespace Unroll.Serving.Http;

/// <summary>A request and its response, once it is known who asks.</summary>
/// <param name="Context">Both.</param>
/// <param name="Owner">Who asks.</param>
/// <param name="Most">Bytes of the body at most.</param>
internal sealed record Exchange(HttpContext Context, string Owner, long Most)
{
    private const string Json = "application/json";

    /// <summary>Ends what is asked: with the client, or where the answer takes too long.</summary>
    public CancellationToken Stop { get; init; } = Context.RequestAborted;

    /// <summary>A part of the address.</summary>
    public string this[string part] => (string?)Context.Request.RouteValues[part] ?? "";

    /// <summary>The body.</summary>
    /// <exception cref="BadHttpRequestException">It is longer than a body may be.</exception>
    public async Task<byte[]> Body()
    {
        if (Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = Most;
        if (Context.Request.ContentLength > Most) throw TooLong();
        PipeReader reader = Context.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(Stop);
            if (read.Buffer.Length > Most) throw TooLong();
            if (read.IsCompleted)
            {
                byte[] bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The body as a JSON object; no body is an empty one.</summary>
    /// <exception cref="JsonException">It is none, or not what <paramref name="read"/> asks for.</exception>
    public async Task<T> Read<T>(Func<JsonRecord, T> read)
    {
        byte[] body = await Body();
        return JsonRecord.Read(body.Length == 0 ? "{}"u8.ToArray() : body, read);
    }

    /// <summary>Answers with a JSON object.</summary>
    public Task Answer(Action<Utf8JsonWriter> members, int status = StatusCodes.Status200OK) => Answer(Of(members), Json, status);

    /// <summary>Answers with bytes.</summary>
    public async Task Answer(ReadOnlyMemory<byte> bytes, string type = Json, int status = StatusCodes.Status200OK)
    {
        Context.Response.StatusCode = status;
        Context.Response.ContentType = type;
        Context.Response.ContentLength = bytes.Length;
        Context.Response.Headers.CacheControl = "no-store";
        await Context.Response.Body.WriteAsync(bytes, Context.RequestAborted);       // what was taken is told, however late
    }

    /// <summary>A JSON object on a line of its own.</summary>
    public static byte[] Of(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private BadHttpRequestException TooLong() =>
        new($"the body is longer than {Most} bytes, as long as one may be; send less at once.", StatusCodes.Status413PayloadTooLarge);
}
