using System.Buffers.Binary;
using System.Text;
using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  "RIFF" size "WAVE" { id size body [a zero byte where the size is odd] } …     sizes are little-endian, 4 bytes

/// <summary>A WAV file read from its beginning as it comes, for instance through a pipe: nothing is read ahead of what is asked for.</summary>
/// <remarks>Samples of 8, 16, 24 or 32 bits or floats of 32 or 64, any rate; the channels are averaged.</remarks>
public sealed class WavStream
{
    // Programs that write to a pipe do not know the length: they write a size near 2³¹ or 2³² (or 0), and the data go on to the end.
    private const uint Endless = 0x7FFF0000;
    private const int BufferBytes = 1 << 18;
    private readonly Stream _stream;
    private readonly WavFormat _format;
    private readonly long _dataAt;
    private readonly uint _dataBytes;
    private long _position;
    private readonly byte[] _buffer;

    /// <summary>Reads as far as the first sample.</summary>
    /// <param name="stream">Positioned at the file's beginning; it need not be seekable, and is not closed.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="piped">Whether a data chunk of size 0 means that the length was not known, as on a pipe.</param>
    /// <exception cref="UserErrorException">It is no WAV file, or one of a kind that cannot be read: which byte, what was expected, what was
    /// found.</exception>
    public WavStream(Stream stream, string source, bool piped = false)
    {
        (_stream, Source) = (stream, source);
        ReadMagic();
        WavFormat? format = null;
        while (true)
        {
            (string id, uint size) = ReadChunkHeader(format is null);
            if (id == "data")
            {
                if (format is not { } found)
                    throw new UserErrorException($"{source}, byte {_position - 8}: a 'data' chunk stands before the 'fmt ' chunk that says what " +
                        "its bytes mean; the file is damaged.");
                (_format, _dataAt, _dataBytes) = (found, _position, size == 0 && piped ? uint.MaxValue : size);
                break;
            }
            if (id == "fmt ") format = WavFormat.Parse(ReadBody(size), source, _position - size);
            else Skip(size, id);
            if ((size & 1) == 1) Skip(1, id);
        }
        _buffer = new byte[Math.Max(1, BufferBytes / _format.FrameBytes) * _format.FrameBytes];
        if (!IsEndless && _dataBytes % _format.FrameBytes != 0)
            throw new UserErrorException($"{source}, byte {_dataAt - 4}: expected a multiple of {_format.FrameBytes} bytes of data because that is " +
                $"one frame of {_format.Channels} channels, found {_dataBytes}; the file is damaged.");
    }

    /// <summary>What errors call it.</summary>
    public string Source { get; }

    /// <summary>Samples a second.</summary>
    public int Rate => _format.Rate;

    /// <summary>The number of channels, which are averaged.</summary>
    public int Channels => _format.Channels;

    /// <summary>The number of samples that the header promises; null where it does not know.</summary>
    public long? Length => IsEndless ? null : _dataBytes / _format.FrameBytes;

    private bool IsEndless => _dataBytes >= Endless;

    /// <summary>Reads the next samples; waits for as many as are asked for unless the data end.</summary>
    /// <param name="samples">Receives them, channels averaged.</param>
    /// <returns>How many there were; 0 at the end.</returns>
    /// <exception cref="UserErrorException">The file ends before its data do, or a sample is not a finite number.</exception>
    public int Read(Span<float> samples)
    {
        int count = 0;
        for (int got; count < samples.Length && (got = ReadSome(samples[count..])) > 0;) count += got;
        return count;
    }

    // As many as the buffer holds: a header may promise more than there is.
    private int ReadSome(Span<float> samples)
    {
        long left = IsEndless ? long.MaxValue : _dataAt + _dataBytes - _position;
        int wanted = (int)Math.Min(left, Math.Min(_buffer.Length, (long)samples.Length * _format.FrameBytes));
        long at = _position;
        int got = Fill(_buffer.AsSpan(0, wanted));
        if (got < wanted && !IsEndless)
            throw new UserErrorException($"{Source}: the file ends at byte {_position}, expected {_dataAt + _dataBytes} because the data begin at " +
                $"byte {_dataAt} and are {_dataBytes} bytes; it is cut short: fetch it again.");
        int frames = got / _format.FrameBytes;
        _format.Decode(_buffer.AsSpan(0, frames * _format.FrameBytes), samples[..frames]);
        for (int i = 0; i < frames; i++)
            if (!float.IsFinite(samples[i]))
                throw new UserErrorException($"{Source}, byte {at + (long)i * _format.FrameBytes}: expected a finite sample, found {samples[i]}; " +
                    "the file is damaged.");
        return frames;
    }

    private void ReadMagic()
    {
        Span<byte> head = stackalloc byte[12];
        int got = Fill(head);
        if (got == 0) throw new UserErrorException($"{Source}: the file is empty; expected a WAV file.");
        if (got == 12 && head[..4].SequenceEqual("RIFF"u8) && head[8..].SequenceEqual("WAVE"u8)) return;
        if (got < 12 && "RIFF"u8.StartsWith(head[..Math.Min(got, 4)]))
            throw new UserErrorException($"{Source}: the file ends at byte {got}, within the 12 bytes that begin a WAV file; it is cut short: " +
                "fetch it again.");
        throw new UserErrorException($"{Source}, byte 0: expected 'RIFF' and 'WAVE', as a WAV file begins, found {Kind(head[..got])}; convert it " +
            "to WAV.");
    }

    private static string Kind(ReadOnlySpan<byte> head) => Ascii(head[..Math.Min(4, head.Length)]) switch
    {
        "RIFX" or "RF64" or "BW64" or "FORM" or "OggS" or "fLaC" or "caff" or ".snd" => $"'{Ascii(head[..4])}', another kind of audio file",
        ['I', 'D', '3', ..] => "an MP3 file",
        "RIFF" => $"a RIFF file of kind '{Ascii(head[Math.Min(8, head.Length)..])}'",
        var other => $"'{other}'",
    };

    private (string Id, uint Size) ReadChunkHeader(bool formatMissing)
    {
        Span<byte> header = stackalloc byte[8];
        int got = Fill(header);
        if (got == 8) return (Ascii(header[..4]), BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));
        throw new UserErrorException($"{Source}: the file ends at byte {_position} and has no " +
            $"{(formatMissing ? "'fmt ' and no 'data'" : "'data'")} chunk; " +
            "it is cut short: fetch it again.");
    }

    private byte[] ReadBody(uint size)
    {
        const uint most = 65_536;
        if (size > most) throw new UserErrorException($"{Source}, byte {_position - 4}: expected a 'fmt ' chunk of at most {most} bytes, found " +
            $"{size}; the file is damaged.");
        byte[] body = new byte[size];
        int got = Fill(body);
        return got == size ? body : throw CutShort("fmt ");
    }

    private void Skip(uint size, string id)
    {
        Span<byte> bin = stackalloc byte[256];
        for (uint left = size; left > 0;)
        {
            int some = (int)Math.Min(left, (uint)bin.Length);
            if (Fill(bin[..some]) < some) throw CutShort(id);
            left -= (uint)some;
        }
    }

    private UserErrorException CutShort(string id) =>
        new($"{Source}: the file ends at byte {_position}, within its '{id}' chunk and before any data; it is cut short: fetch it again.");

    private int Fill(Span<byte> bytes)
    {
        int got = _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        _position += got;
        return got;
    }

    private static string Ascii(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte b in bytes) text.Append(b is >= 32 and < 127 ? (char)b : '?');
        return text.ToString();
    }
}
