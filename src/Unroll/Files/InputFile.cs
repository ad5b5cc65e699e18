using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Files;

/// <summary>The bytes of a file that a user named.</summary>
public static class InputFile
{
    private const int MaxUnpacked = 1 << 30;

    /// <summary>All bytes, unpacked where they are gzipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, with its article: <c>"a MIDI file"</c>.</param>
    /// <exception cref="UserErrorException">There is no such file, it is a folder, it may not be read, or it is gzipped and damaged.</exception>
    public static byte[] Bytes(string path, string expected) => Read(path, expected, () => Unpacked(File.ReadAllBytes(path), path));

    /// <summary>A stream of the bytes, which unpacks them while it is read where they are gzipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, with its article: <c>"a FASTA file"</c>.</param>
    /// <exception cref="UserErrorException">There is no such file, it is a folder, or it may not be read; on reading: it is damaged.</exception>
    public static Stream Open(string path, string expected) => Read(path, expected, () => Unpacking(File.OpenRead(path), path));

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
}
