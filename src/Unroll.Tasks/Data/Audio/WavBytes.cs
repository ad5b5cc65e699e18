using System.Text;

namespace Unroll.Tasks.Data.Audio;

/// <summary>The bytes of a stream in order, with their place, and a few of them looked at before they are read.</summary>
internal sealed class WavBytes(Stream stream)
{
    // What stands in WAV files; it decides where a chunk may begin at one byte or at the next.
    private static readonly string[] s_known =
    [
        "fmt ", "data", "LIST", "fact", "bext", "cue ", "smpl", "inst", "JUNK", "junk", "PAD ", "FLLR", "iXML", "axml", "chna", "id3 ", "ID3 ",
        "PEAK", "_PMX", "cart", "acid", "DISP", "note", "labl", "plst", "ltxt", "wavl", "slnt", "minf", "elm1", "regn", "umid", "levl",
        "ds64", "SyLp", "aXML",
    ];

    private byte[] _ahead = [];

    /// <summary>How many bytes were read.</summary>
    public long Position { get; private set; }

    /// <summary>Reads as many bytes as are asked for unless the stream ends.</summary>
    public int Fill(Span<byte> bytes)
    {
        int kept = Math.Min(_ahead.Length, bytes.Length);
        _ahead.AsSpan(0, kept).CopyTo(bytes);
        _ahead = _ahead[kept..];
        int got = kept + stream.ReadAtLeast(bytes[kept..], bytes.Length - kept, throwOnEndOfStream: false);
        Position += got;
        return got;
    }

    /// <summary>The next bytes, which stay to be read; fewer at the stream's end.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (_ahead.Length < count)
        {
            byte[] more = new byte[count];
            _ahead.CopyTo(more, 0);
            int got = stream.ReadAtLeast(more.AsSpan(_ahead.Length), count - _ahead.Length, throwOnEndOfStream: false);
            _ahead = more[..(_ahead.Length + got)];
        }
        return _ahead.AsSpan(0, Math.Min(count, _ahead.Length));
    }

    /// <summary>Passes over bytes.</summary>
    /// <returns>How many there were.</returns>
    public long Skip(long count)
    {
        Span<byte> bin = stackalloc byte[4096];
        long left = count;
        for (int got = 1; left > 0 && got > 0; left -= got) got = Fill(bin[..(int)Math.Min(left, bin.Length)]);
        return count - left;
    }

    /// <summary>Passes over the zero byte that follows a chunk of an odd size.</summary>
    /// <returns>False: a program left it out, and the next chunk stands in its place.</returns>
    public bool SkipPadding()
    {
        ReadOnlySpan<byte> next = Peek(9);
        bool here = next.Length >= 8 && IsName(next[..4]), after = next.Length == 9 && IsName(next[1..5]);
        bool missing = here && !(after && IsKnown(next[1..5])) && (IsKnown(next[..4]) || !after);
        if (!missing) Skip(1);
        return !missing;
    }

    /// <summary>Whether four bytes can be the name of a chunk.</summary>
    public static bool IsName(ReadOnlySpan<byte> bytes) => bytes.Length >= 4 && !bytes[..4].ContainsAnyExceptInRange((byte)' ', (byte)'~');

    /// <summary>Whether four bytes are the name of a chunk that WAV files have.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> bytes) => bytes.Length >= 4 && s_known.Contains(Ascii(bytes[..4]));

    /// <summary>Bytes as text for errors.</summary>
    public static string Ascii(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte b in bytes) text.Append(b is >= 32 and < 127 ? (char)b : '?');
        return text.ToString();
    }
}
