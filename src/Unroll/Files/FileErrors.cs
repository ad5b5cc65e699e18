using Unroll.Core;

namespace Unroll.Files;

/// <summary>Errors of the file system, described in one line: which file, what stood in the way, what to do.</summary>
public static class FileErrors
{
    /// <summary>Whether <paramref name="e"/> is an error of the file system rather than a bug.</summary>
    /// <param name="e">What was caught.</param>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>Refuses a name that no file can have, before the file system answers with an exception that looks like a bug.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <exception cref="UserErrorException">The name is empty or holds a zero character.</exception>
    public static void RequireName(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new UserErrorException("the name of the file is empty; give the name of a file.");
        if (path.Contains('\0')) throw new UserErrorException("the name of the file holds a zero character; give another name.");
    }

    /// <summary>The user's error for a file that could not be written.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <param name="e">What the file system said.</param>
    public static UserErrorException Writing(string path, Exception e) => new($"cannot write '{path}': {WhyNotWritten(path, e)}.", e);

    /// <summary>The user's error for a file that could not be read.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <param name="e">What the file system said.</param>
    public static UserErrorException Reading(string path, Exception e) => new($"cannot read '{path}': {WhyNotRead(path, e)}.", e);

    private static string WhyNotWritten(string path, Exception e)
    {
        if (Directory.Exists(path)) return "it is a folder; give the name of a file in it";
        string folder = FolderOf(path);
        if (File.Exists(folder)) return $"'{folder}' is a file, not a folder; choose another path";
        if (!Directory.Exists(folder)) return $"the folder '{folder}' does not exist; create it or choose another path";
        if (IsFull(e)) return "the disk is full; free some space or choose another disk";
        if (IsReadOnly(e)) return $"the folder '{folder}' is on a read-only file system; choose another path";
        if (e is UnauthorizedAccessException) return $"no permission to write in '{folder}'; change its permissions or choose another path";
        return OneLine(e);
    }

    private static string WhyNotRead(string path, Exception e)
    {
        if (Directory.Exists(path)) return "it is a folder; give the name of a file in it";
        if (e is FileNotFoundException or DirectoryNotFoundException) return "there is no such file; check the name and the current folder";
        if (e is UnauthorizedAccessException) return "no permission to read it; change its permissions";
        return OneLine(e);
    }

    // .NET hands the system's own number on: errno on Unix, 0x8007 and the Windows code elsewhere.
    private static bool IsFull(Exception e) =>
        e is IOException && e.HResult is 28 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027);

    private static bool IsReadOnly(Exception e) => e is IOException && e.HResult is 30 or unchecked((int)0x80070013);

    private static string FolderOf(string path) =>
        Path.GetDirectoryName(path) switch { null => path, "" => ".", var folder => folder };

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
