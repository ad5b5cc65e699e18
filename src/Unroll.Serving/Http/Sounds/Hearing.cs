using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Core;
using Unroll.Serving.Sessions;
using Unroll.Tasks.Speech;

namespace Unroll.Serving.Http.Sounds;

//  ←  {"session": …, "position": …, "rate": …}
//  →  samples                          ←  {"at": …, "position": …, "durable": …, "answer": {"words": […]}}
//  →  end                              ←  the same, and the socket closes
//                                      ←  a problem, and the socket closes with 4000 + its status

/// <summary>A sound that is heard over a WebSocket.</summary>
/// <param name="host">Whose sessions.</param>
/// <param name="context">The request that opened it.</param>
internal sealed class Hearing(SessionHost host, HttpContext context) : IDisposable
{
    private const float Full = 32768;                        // of 16 bits, as in a WAV file
    private const string End = "end";
    private const int LongestKey = 1 << 12;                  // bytes of the message that says it
    private SessionHandle? _session;
    private long? _at;
    private int _rate;
    private float[] _samples = [];

    /// <summary>Opens the session that the request names, and holds it.</summary>
    /// <exception cref="ServingException">There is none, it hears no sound, or one of another rate.</exception>
    public void Open(string owner)
    {
        Exchange exchange = new(context, owner, 0);
        _session = SessionEndpoints.Open(host, exchange);
        if (_session.Model.Model is not SpeechModel model)
            throw new ServingException(Refusal.Invalid, $"the model '{_session.Model.Name}' hears no sound; send its steps to …/steps.");
        _at = EventEndpoints.Number(exchange, "at");
        _rate = _session.Options.Settings.Rate ?? model.Description.Rate;
        if (EventEndpoints.Number(exchange, "rate") is { } rate && rate != _rate)
            throw new ServingException(Refusal.Invalid,
                $"rate: the session hears {_rate} samples a second, got {rate}; begin one with \"rate\": {rate}, or send it at its rate.");
    }

    /// <summary>Hears until it is over.</summary>
    /// <param name="socket">The socket, open.</param>
    /// <param name="keys">Whose it is where that is not known yet.</param>
    /// <param name="known">Called when it then is; may refuse it.</param>
    public async Task Run(SoundSocket socket, KeyRing keys, Action known)
    {
        try
        {
            if (_session is null)
            {
                string owner = keys.OwnerOf(await KeyOf(socket));
                known();
                Open(owner);
            }
            SessionHandle session = _session!;
            long at = _at ?? (await session.StatusAsync(context.RequestAborted)).Position;
            await socket.Send(Exchange.Of(json =>
            {
                json.WriteString("session", session.Name);
                json.WriteNumber("position", at);
                json.WriteNumber("rate", _rate);
            }));
            while (await socket.Receive() is { } message)
            {
                StepReply reply = message.IsText ? await session.StepAsync(at++, StepOf(message), context.RequestAborted)
                    : await session.StepAsync(at++, Samples(message.Bytes.Span), context.RequestAborted);
                ArrayBufferWriter<byte> answer = new();
                EventEndpoints.Write(answer, reply);
                await socket.Send(answer.WrittenMemory);
                if (message.IsText) break;
            }
            await socket.Close(WebSocketCloseStatus.NormalClosure, "");
        }
        catch (SoundSocketException e)
        {
            await socket.Close(e.Code, e.Message);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException
            || context.RequestAborted.IsCancellationRequested)
        {
            // nobody is there any more, or nobody who reads; what was not finished has been taken back
        }
        catch (Exception e) when (Problem.Of(e, context) is { Status: < StatusCodes.Status500InternalServerError
            or StatusCodes.Status503ServiceUnavailable } problem)
        {
            await socket.Send(problem.ToJson());
            await socket.Close((WebSocketCloseStatus)(4000 + problem.Status), problem.Detail);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private static async Task<string> KeyOf(SoundSocket socket)
    {
        if (await socket.Receive(SoundSocket.Patience, LongestKey) is not { IsText: true } message)
            throw new ServingException(Refusal.NoKey, "expected a key of this server: say {\"key\": \"…\"} in the first message.");
        return JsonRecord.Parse(message.Bytes, root => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("key", out JsonElement key)
            && key.ValueKind == JsonValueKind.String ? key.GetString()! : "");
    }

    private static byte[] StepOf(SoundMessage message) =>
        message.Bytes.Span is [(byte)'"', .. var quoted, (byte)'"'] ? StepOf(quoted) : StepOf(message.Bytes.Span);

    private static byte[] StepOf(ReadOnlySpan<byte> text) => text.SequenceEqual("end"u8) ? "[\"end\"]"u8.ToArray()
        : throw new ServingException(Refusal.Invalid, $"a message of text: expected '{End}', where the sound is over; samples are bytes.");

    // In memory that the next message has again: the step is over before it comes.
    private ReadOnlyMemory<float> Samples(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(short) != 0)
            throw new ServingException(Refusal.Invalid, $"a message of samples: expected 16 bits each, little-endian, got {bytes.Length} bytes.");
        int count = bytes.Length / sizeof(short);
        if (_samples.Length < count) _samples = new float[count];
        for (int i = 0; i < count; i++) _samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(i * sizeof(short))..]) / Full;
        return _samples.AsMemory(0, count);
    }
}
