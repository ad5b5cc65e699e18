using System.IO.Compression;
using Unroll.Core;

namespace Unroll.Files;

/// <summary>The bytes of a file that a user named.</summary>
public static class InputFile
{
    /// <summary>All bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, with its article: <c>"a MIDI file"</c>.</param>
    /// <exception cref="UserErrorException">There is no such file, it is a folder, or it may not be read.</exception>
    public static byte[] Bytes(string path, string expected)
    {
        try
        {
            return File.ReadAllBytes(path);
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

    /// <summary>The bytes as they are, or unpacked where they are gzipped.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="source">What errors call them.</param>
    /// <exception cref="UserErrorException">They are gzipped and damaged.</exception>
    public static byte[] Unpacked(byte[] bytes, string source)
    {
        if (bytes is not [0x1F, 0x8B, ..]) return bytes;
        try
        {
            using GZipStream packed = new(new MemoryStream(bytes), CompressionMode.Decompress);
            using MemoryStream all = new();
            packed.CopyTo(all);
            return all.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException($"{source}: the gzipped file is damaged or cut short: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
