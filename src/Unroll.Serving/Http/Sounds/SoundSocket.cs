using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;

namespace Unroll.Serving.Http.Sounds;

/// <summary>A message that came.</summary>
/// <param name="IsText">Whether it is text; else bytes.</param>
/// <param name="Bytes">Until the next one is received.</param>
internal readonly record struct SoundMessage(bool IsText, ReadOnlyMemory<byte> Bytes);

/// <summary>Why a socket is closed from here.</summary>
internal sealed class SoundSocketException(WebSocketCloseStatus code, string message) : Exception(message)
{
    public WebSocketCloseStatus Code { get; } = code;
}

/// <summary>A WebSocket whose messages are of bounded length, and which is closed where nothing comes.</summary>
/// <param name="socket">The socket; whoever gave it disposes of it.</param>
/// <param name="idle">How long it may rest.</param>
/// <param name="stopping">The server is stopping.</param>
internal sealed class SoundSocket(WebSocket socket, TimeSpan idle, CancellationToken stopping) : IDisposable
{
    /// <summary>Bytes of a message at most: half a minute at 16,000 samples a second.</summary>
    public const int Most = 1 << 20;

    private const int Least = 1 << 14, LongestReason = 123;
    private const WebSocketCloseStatus Rested = (WebSocketCloseStatus)4408;
    private readonly CancellationTokenSource _slow = new();
    private byte[] _buffer = new byte[Least];

    /// <summary>How long a client may take with what it has to do at once: say its key, read an answer, say goodbye.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The next message; null: the client says goodbye.</summary>
    /// <param name="patience">How long to wait for the whole of it; null: for each piece as long as it may rest.</param>
    /// <param name="most">Bytes at most.</param>
    /// <exception cref="SoundSocketException">Nothing comes, it is too long, or the server is stopping.</exception>
    /// <exception cref="WebSocketException">The client is gone.</exception>
    public async Task<SoundMessage?> Receive(TimeSpan? patience = null, int most = Most)
    {
        int length = 0;
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (length == _buffer.Length) Array.Resize(ref _buffer, Math.Min(2 * length, Most + 1));
            ValueWebSocketReceiveResult piece;
            try
            {
                // The call is not given up itself: then the socket could not be closed with a word.
                TimeSpan left = patience is { } whole ? whole - Stopwatch.GetElapsedTime(began) : idle;
                piece = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).AsTask()
                    .WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, stopping);
            }
            catch (TimeoutException)
            {
                throw new SoundSocketException(Rested, "nothing has come for too long; open it again and go on");
            }
            catch (OperationCanceledException)
            {
                throw new SoundSocketException(WebSocketCloseStatus.EndpointUnavailable, "the server is stopping; go on when it is back");
            }
            if (piece.MessageType == WebSocketMessageType.Close) return null;
            length += piece.Count;
            if (length > most)
                throw new SoundSocketException(WebSocketCloseStatus.MessageTooBig, $"a message has more than {most} bytes; send shorter ones");
            if (piece.EndOfMessage) return new SoundMessage(piece.MessageType == WebSocketMessageType.Text, _buffer.AsMemory(0, length));
        }
    }

    /// <summary>Sends a text.</summary>
    /// <param name="utf8">In UTF-8.</param>
    public async Task Send(ReadOnlyMemory<byte> utf8)
    {
        _slow.CancelAfter(Patience);
        await socket.SendAsync(utf8, WebSocketMessageType.Text, endOfMessage: true, _slow.Token);
        _slow.TryReset();
    }

    /// <summary>Says goodbye; a client that does not answer is left.</summary>
    public async Task Close(WebSocketCloseStatus code, string reason)
    {
        using CancellationTokenSource slow = new(Patience);
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(reason);
            int length = Math.Min(bytes.Length, LongestReason);
            while (length < bytes.Length && (bytes[length] & 0xC0) == 0x80) length--;        // no half character
            await socket.CloseOutputAsync(code, Encoding.UTF8.GetString(bytes, 0, length), slow.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slow.Dispose();
}
