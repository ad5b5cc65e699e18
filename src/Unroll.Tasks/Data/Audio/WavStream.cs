using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  "RIFF" size "WAVE" { id size body [a zero byte where the size is odd] } …     sizes are little-endian, 4 bytes
//  "RF64" or "BW64": the first chunk "ds64" has the sizes in 8 bytes each: all, data, …        (EBU Tech 3306, ITU-R BS.2088)

/// <summary>A WAV file read from its beginning as it comes, for instance through a pipe: nothing is read ahead of what is asked for.</summary>
/// <remarks>Samples of 8, 16, 24 or 32 bits or floats of 32 or 64, any rate; the channels are averaged.</remarks>
public sealed class WavStream
{
    // Programs that write to a pipe do not know the length: they write a size near 2³¹ or 2³² (or 0), and the data go on to the end.
    private const uint Endless = 0x7FFF0000;
    private const int BufferBytes = 1 << 18;
    private const long MostAfter = 1 << 26;                  // bytes after the data that are looked through
    private readonly WavBytes _bytes;
    private readonly WavFormat _format;
    private readonly long _dataAt;
    private readonly long? _dataBytes;
    private readonly byte[] _buffer;
    private readonly List<Doubt> _doubts = [];

    /// <summary>Reads as far as the first sample.</summary>
    /// <param name="stream">Positioned at the file's beginning; it need not be seekable, and is not closed.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="piped">Whether a data chunk of size 0 means that the length was not known, as on a pipe.</param>
    /// <exception cref="UserErrorException">It is no WAV file, or one of a kind that cannot be read: which byte, what was expected, what was
    /// found.</exception>
    public WavStream(Stream stream, string source, bool piped = false)
    {
        (_bytes, Source) = (new WavBytes(stream), source);
        bool isLong = ReadMagic();
        long? longData = null;
        WavFormat? format = null;
        while (true)
        {
            (string id, uint size) = ReadChunkHeader(format is null);
            if (id == "data")
            {
                if (format is not { } found)
                    throw new UserErrorException($"{source}, byte {_bytes.Position - 8}: a 'data' chunk stands before the 'fmt ' chunk that says " +
                        "what its bytes mean; the file is damaged.");
                (_format, _dataAt, _dataBytes) = (found, _bytes.Position, DataBytes(size, longData, piped));
                break;
            }
            if (id == "fmt ")
            {
                WavFormat own = WavFormat.Parse(ReadBody(size, id), source, _bytes.Position - size);
                if (format is { } other && other != own)
                    throw new UserErrorException($"{source}, byte {_bytes.Position - size - 8}: a second 'fmt ' chunk says otherwise than the " +
                        "first; the file is damaged.");
                format = own;
            }
            else if (id == "ds64" && isLong) longData = LongData(ReadBody(size, id));
            else if (_bytes.Skip(size) < size) throw CutShort(id);
            if ((size & 1) == 1 && !_bytes.SkipPadding())
                Doubt("1 chunk of an odd size is not followed by a padding byte; it is read without",
                    "# chunks of odd sizes are not followed by a padding byte; they are read without");
        }
        _buffer = new byte[Math.Max(1, BufferBytes / _format.FrameBytes) * _format.FrameBytes];
        if (_dataBytes is { } bytes && bytes % _format.FrameBytes is > 0 and var rest) HalfFrame(rest);
    }

    /// <summary>What errors call it.</summary>
    public string Source { get; }

    /// <summary>Samples a second.</summary>
    public int Rate => _format.Rate;

    /// <summary>The number of channels, which are averaged.</summary>
    public int Channels => _format.Channels;

    /// <summary>The number of samples that the header promises; null where it does not know.</summary>
    public long? Length => _dataBytes / _format.FrameBytes;

    /// <summary>What was left out, filled in or doubted so far.</summary>
    internal IReadOnlyList<Doubt> Doubts => _doubts;

    /// <summary>The energy of the channels by themselves: the sum of the squares of all samples read so far.</summary>
    internal double ChannelEnergy { get; private set; }

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

    /// <summary>Looks through what follows the data, once they are read: more data, or what is no chunk.</summary>
    internal void Finish()
    {
        if (_dataBytes is not { } size) return;
        long begin = _dataAt + size / _format.FrameBytes * _format.FrameBytes;
        _bytes.Skip(_dataAt + size - begin);
        if ((size & 1) == 1) _bytes.SkipPadding();
        Span<byte> header = stackalloc byte[8];
        while (_bytes.Position - begin < MostAfter && _bytes.Peek(8) is { Length: > 0 } next)
        {
            if (next.Length < 8 || !WavBytes.IsName(next))
            {
                AfterData();
                return;
            }
            _bytes.Fill(header);
            uint more = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            long there = _bytes.Skip(Math.Min(more, MostAfter));
            if (header.StartsWith("data"u8) && there > 0)
                Doubt("1 byte of a second 'data' chunk is left out", "# bytes of a second 'data' chunk are left out", there);
            if ((more & 1) == 1) _bytes.SkipPadding();
        }
    }

    // Zeros fill many a file up to the end of a block.
    private void AfterData()
    {
        byte[] block = new byte[65_536];
        long bytes = 0;
        bool any = false;
        for (int got; bytes < MostAfter && (got = _bytes.Fill(block)) > 0; bytes += got) any |= block.AsSpan(0, got).ContainsAnyExcept((byte)0);
        if (any)
            Doubt("1 byte after the data that the header promises is no chunk and is left out",
                "# bytes after the data that the header promises are no chunks and are left out: the length in the header may be wrong", bytes);
    }

    // As many as the buffer holds: a header may promise more than there is.
    private int ReadSome(Span<float> samples)
    {
        long left = _dataBytes is { } size ? (_dataAt + size - _bytes.Position) / _format.FrameBytes * _format.FrameBytes : long.MaxValue;
        int wanted = (int)Math.Min(left, Math.Min(_buffer.Length, (long)samples.Length * _format.FrameBytes));
        long at = _bytes.Position;
        int got = _bytes.Fill(_buffer.AsSpan(0, wanted));
        if (got < wanted && _dataBytes is { } promised)
            throw new UserErrorException($"{Source}: the file ends at byte {_bytes.Position}, expected {_dataAt + promised} because the data begin " +
                $"at byte {_dataAt} and are {promised} bytes; it is cut short: fetch it again.");
        int frames = got / _format.FrameBytes;
        if (got % _format.FrameBytes is > 0 and var rest) HalfFrame(rest);
        ChannelEnergy += _format.Decode(_buffer.AsSpan(0, frames * _format.FrameBytes), samples[..frames]);
        for (int i = 0; i < frames; i++)
            if (!float.IsFinite(samples[i]))
                throw new UserErrorException($"{Source}, byte {at + (long)i * _format.FrameBytes}: expected a finite sample, found {samples[i]}; " +
                    "the file is damaged.");
        return frames;
    }

    // How many bytes of data there are; null: it is not known, and they go on to the end.
    private long? DataBytes(uint size, long? longData, bool piped)
    {
        if (size == uint.MaxValue && longData is { } bytes) return bytes;
        if (size == 0 && !piped && (_bytes.Peek(8).Length == 0 || WavBytes.IsKnown(_bytes.Peek(8)))) return 0;
        if (size is > 0 and < Endless) return size;
        if (!piped)
            Doubt("1 recording whose header does not say how long it is, as one written to a pipe, is read to the end of its file",
                "# recordings whose headers do not say how long they are, as those written to a pipe, are read to the ends of their files");
        return null;
    }

    private void HalfFrame(long rest) => Doubt("1 byte at the end of the data is no whole sample of every channel and is left out",
        "# bytes at the end of the data are no whole sample of every channel and are left out", rest);

    private void Doubt(string one, string many, long count = 1) => _doubts.Add(new Doubt(one, many, count));

    private bool ReadMagic()
    {
        Span<byte> head = stackalloc byte[12];
        int got = _bytes.Fill(head);
        if (got == 0) throw new UserErrorException($"{Source}: the file is empty; expected a WAV file.");
        bool isLong = head[..4].SequenceEqual("RF64"u8) || head[..4].SequenceEqual("BW64"u8);
        if (got == 12 && (isLong || head[..4].SequenceEqual("RIFF"u8)) && head[8..].SequenceEqual("WAVE"u8)) return isLong;
        if (got < 12 && "RIFF"u8.StartsWith(head[..Math.Min(got, 4)]))
            throw new UserErrorException($"{Source}: the file ends at byte {got}, within the 12 bytes that begin a WAV file; it is cut short: " +
                "fetch it again.");
        throw new UserErrorException($"{Source}, byte 0: expected 'RIFF' and 'WAVE', as a WAV file begins, found {Kind(head[..got])}; convert it " +
            "to WAV.");
    }

    private static string Kind(ReadOnlySpan<byte> head) => WavBytes.Ascii(head[..Math.Min(4, head.Length)]) switch
    {
        "RIFX" or "RF64" or "BW64" or "FORM" or "OggS" or "fLaC" or "caff" or ".snd" => $"'{WavBytes.Ascii(head[..4])}', another kind of audio file",
        ['I', 'D', '3', ..] => "an MP3 file",
        "RIFF" => $"a RIFF file of kind '{WavBytes.Ascii(head[Math.Min(8, head.Length)..])}'",
        var other => $"'{other}'",
    };

    private (string Id, uint Size) ReadChunkHeader(bool formatMissing)
    {
        Span<byte> header = stackalloc byte[8];
        int got = _bytes.Fill(header);
        if (got == 8) return (WavBytes.Ascii(header[..4]), BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));
        throw new UserErrorException($"{Source}: the file ends at byte {_bytes.Position} and has no " +
            $"{(formatMissing ? "'fmt ' and no 'data'" : "'data'")} chunk; " +
            "it is cut short: fetch it again.");
    }

    private byte[] ReadBody(uint size, string id)
    {
        const uint most = 65_536;
        if (size > most)
            throw new UserErrorException($"{Source}, byte {_bytes.Position - 4}: expected a '{id}' chunk of at most {most} bytes, found {size}; " +
                "the file is damaged.");
        byte[] body = new byte[size];
        return _bytes.Fill(body) == size ? body : throw CutShort(id);
    }

    private long LongData(ReadOnlySpan<byte> ds64)
    {
        if (ds64.Length >= 16 && BinaryPrimitives.ReadInt64LittleEndian(ds64[8..]) is >= 0 and < long.MaxValue / 2 and var bytes) return bytes;
        throw new UserErrorException($"{Source}, byte {_bytes.Position - ds64.Length}: expected a 'ds64' chunk with the size of the data, " +
            "found none in it; the file is damaged.");
    }

    private UserErrorException CutShort(string id) =>
        new($"{Source}: the file ends at byte {_bytes.Position}, within its '{id}' chunk and before any data; it is cut short: fetch it again.");
}
