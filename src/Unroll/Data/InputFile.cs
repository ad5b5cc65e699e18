using Unroll.Core;

namespace Unroll.Data;

/// <summary>The bytes of a file that a user named.</summary>
internal static class InputFile
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
            throw new UserErrorException($"{path}: the file does not exist; check the path (the current folder is {Environment.CurrentDirectory}).", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string why = Directory.Exists(path) ? $"it is a folder, and {expected} was expected" : e.Message.TrimEnd('.');
            throw new UserErrorException($"{path}: the file cannot be read: {why}.", e);
        }
    }
}
