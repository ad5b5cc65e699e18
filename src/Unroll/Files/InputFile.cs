using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Files;

/// <summary>The bytes of a file that a user named: never more than memory should take, also of what has no end.</summary>
public static class InputFile
{
    /// <summary>The most bytes of what does not say how many it has: a device, a pipe, a stream.</summary>
    public const int LongestPipe = 1 << 27;

    /// <summary>The most bytes of a file: as many as an array holds.</summary>
    public const int Longest = 2_147_483_591;

    private const int Block = 1 << 20, Looked = 4096, MaxUnpacked = 1 << 30;

    /// <summary>All bytes, unpacked where they are gzipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, with its article: <c>"a MIDI file"</c>.</param>
    /// <param name="longest">The most bytes that it may have, packed or not.</param>
    /// <exception cref="UserErrorException">
    /// There is no such file, it is a folder, it may not be read, it is gzipped and damaged, it is too long or without an end, or it begins with
    /// thousands of zeros, as no file does that is read here.
    /// </exception>
    public static byte[] Bytes(string path, string expected, long longest = Longest) => Read(path, expected, () =>
    {
        using FileStream stream = Opened(path);
        return Unpacked(Bytes(stream, path, longest), path);
    });

    /// <summary>A stream of the bytes, which unpacks them while it is read where they are gzipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, with its article: <c>"a FASTA file"</c>.</param>
    /// <exception cref="UserErrorException">There is no such file, it is a folder, or it may not be read; on reading: it is damaged.</exception>
    public static Stream Open(string path, string expected) => Read(path, expected, () =>
    {
        FileStream stream = Opened(path);
        if (stream.CanSeek)
        {
            byte[] begin = new byte[Looked];
            RefuseZeros(begin.AsSpan(0, stream.ReadAtLeast(begin, Looked, throwOnEndOfStream: false)), path);
            stream.Position = 0;
        }
        return Unpacking(stream, path);
    });

    /// <summary>The bytes as they are, or unpacked where they are gzipped.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="source">What errors call them.</param>
    /// <exception cref="UserErrorException">They are gzipped and cut short, damaged or followed by something else, or unpack to too much.</exception>
    public static byte[] Unpacked(byte[] bytes, string source)
    {
        if (!IsPacked(bytes)) return bytes;
        // The file's last four bytes say how much it will be, where there is one member; they are believed as far as they are likely.
        uint said = bytes.Length < 18 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4));
        using MemoryStream all = new(said <= 20L * bytes.Length ? (int)Math.Min(said, MaxUnpacked) : 0);
        using GzipReader unpacked = new(new MemoryStream(bytes), source);
        byte[] piece = new byte[1 << 16];
        for (int read; (read = unpacked.Read(piece)) > 0;)
        {
            if (all.Length + read > MaxUnpacked)
                throw new UserErrorException($"{source}: the gzipped file unpacks to more than {MaxUnpacked:N0} bytes, which lie in memory; " +
                    "give a part of it.");
            all.Write(piece.AsSpan(0, read));
        }
        return all.Length == all.Capacity ? all.GetBuffer() : all.ToArray();
    }

    /// <summary>A stream as it is, or one that unpacks it while it is read, where it is gzipped.</summary>
    /// <param name="stream">The stream; disposed of with the result.</param>
    /// <param name="source">What errors call it. Reading throws a <see cref="UserErrorException"/> where <see cref="Unpacked"/> does.</param>
    public static Stream Unpacking(Stream stream, string source)
    {
        PackedBytes bytes = new(stream);
        return IsPacked(bytes.Peek(2)) ? new GzipReader(bytes, source) : bytes;
    }

    private static bool IsPacked(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

    private static T Read<T>(string path, string expected, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"{path}: the file does not exist; check the path (the current folder is {Environment.CurrentDirectory}).",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string why = Directory.Exists(path) ? $"it is a folder, and {expected} was expected" : e.Message.TrimEnd('.');
            throw new UserErrorException($"{path}: the file cannot be read: {why}.", e);
        }
    }

    /// <summary>All bytes of a stream, from where it stands to its end.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="longest">The most bytes that it may have; a stream that does not say how many it has, <see cref="LongestPipe"/> at most.</param>
    /// <exception cref="UserErrorException">It is too long or without an end, or begins with thousands of zeros.</exception>
    public static byte[] Bytes(Stream stream, string name, long longest = Longest)
    {
        long length = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (length > longest)
            throw new UserErrorException(
                $"{name}: it has {length:N0} bytes, expected at most {longest:N0} because it is read into memory; give a part of it.");
        // Devices, and files that the system makes up when they are read, say that they have none.
        return length > 0 ? Known(stream, name, (int)length) : Unknown(stream, name, (int)Math.Min(longest, LongestPipe));
    }

    private static byte[] Known(Stream stream, string name, int length)
    {
        byte[] all = new byte[length];
        int begin = stream.ReadAtLeast(all, Math.Min(length, Looked), throwOnEndOfStream: false);
        RefuseZeros(all.AsSpan(0, begin), name);
        int read = begin + stream.ReadAtLeast(all.AsSpan(begin), length - begin, throwOnEndOfStream: false);
        return read == length ? all : all[..read];
    }

    private static byte[] Unknown(Stream stream, string name, int longest)
    {
        List<byte[]> blocks = [];
        long total = 0;
        for (int read = Block; read == Block;)
        {
            byte[] block = new byte[Block];
            read = stream.ReadAtLeast(block, Block, throwOnEndOfStream: false);
            if (total == 0) RefuseZeros(block.AsSpan(0, read), name);
            total += read;
            if (total > longest)
                throw new UserErrorException(
                    $"{name}: it is still going on after {longest:N0} bytes, the most that is taken from what does not say how long it is; " +
                    "write it to a file and name that, or give a part of it.");
            blocks.Add(read == Block ? block : block[..read]);
        }
        byte[] all = new byte[total];
        int at = 0;
        foreach (byte[] block in blocks)
        {
            block.CopyTo(all, at);
            at += block.Length;
        }
        return all;
    }

    // A file with holes takes no room on a disk and all of it in memory.
    private static void RefuseZeros(ReadOnlySpan<byte> begin, string name)
    {
        if (begin.Length >= Looked && !begin[..Looked].ContainsAnyExcept((byte)0))
            throw new UserErrorException($"{name}: its first {Looked:N0} bytes are zeros, so it is no file that is read here; check the name.");
    }

    private static FileStream Opened(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
