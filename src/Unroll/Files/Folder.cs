using Unroll.Core;

namespace Unroll.Files;

/// <summary>Folders, with file system errors as one-line errors.</summary>
public static class Folder
{
    /// <summary>Whether there is such a folder.</summary>
    public static bool Exists(string path) => Directory.Exists(path);

    /// <summary>Whether there is such a file.</summary>
    public static bool HasFile(string path) => File.Exists(path);

    /// <summary>Whether there is no such folder, or nothing in it but the lock of one who made it and wrote nothing.</summary>
    public static bool IsEmpty(string path) => !Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).All(FolderLock.Owns);

    /// <summary>Makes a folder and those above it; one that exists is left as it is.</summary>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static void Create(string path)
    {
        FileErrors.RequireName(path);
        try
        {
            Disk.CreateFolder(path);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw File.Exists(path)
                ? new UserErrorException($"cannot make the folder '{path}': it is a file; choose another path.", e)
                : FileErrors.Writing(path, e);
        }
    }

    /// <summary>The paths of the files in a folder, not its subfolders, in ordinal order; none where there is no such folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="ending">How the names end: <c>".safetensors"</c>.</param>
    public static IReadOnlyList<string> Files(string path, string ending)
    {
        if (!Directory.Exists(path)) return [];
        List<string> files = [.. Directory.EnumerateFiles(path).Where(file => file.EndsWith(ending, StringComparison.Ordinal))];
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>The names of the folders in a folder, in ordinal order; none where there is no such folder.</summary>
    /// <param name="path">The folder.</param>
    public static IReadOnlyList<string> Folders(string path)
    {
        if (!Directory.Exists(path)) return [];
        List<string> folders = [.. Directory.EnumerateDirectories(path).Select(folder => Path.GetFileName(folder))];
        folders.Sort(StringComparer.Ordinal);
        return folders;
    }

    /// <summary>When a file was last written to, in UTC; null where there is none.</summary>
    /// <param name="path">The file.</param>
    public static DateTime? WrittenAt(string path) => File.Exists(path) ? File.GetLastWriteTimeUtc(path) : null;

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static void Delete(string file)
    {
        try
        {
            Disk.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // no folder, no file
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(file, e);
        }
    }
}
