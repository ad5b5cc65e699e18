using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Unroll.Core;

namespace Unroll.Files;

/// <summary>Writes files completely or not at all, and deletes temporary files of processes that have ended.</summary>
/// <remarks>Every writer of the library goes through <see cref="Write(string, Action{Stream})"/>.</remarks>
public static class AtomicFile
{
    private const string Suffix = ".partial";

    // A file's time and a process's start come from different clocks; only a clear difference counts.
    private static readonly TimeSpan s_clockSlack = TimeSpan.FromSeconds(2);

    /// <summary>Replaces <paramref name="path"/> in one step: a reader, or a crash, sees the old file or the new one, never half of either.</summary>
    /// <param name="path">
    /// The file to create or replace. Its folder must exist. Where it is a symbolic link, the file that it leads to is meant.
    /// </param>
    /// <param name="write">Writes the content, from first byte to last. If it throws, the old file stays as it was.</param>
    /// <exception cref="UserErrorException">
    /// The file system reported an error: no such folder, no permission, a full disk, a folder of that name; or the path is a device's.
    /// </exception>
    /// <remarks>The content goes to <c>path.PID.partial</c> in the same folder, is flushed to the disk, and takes the name last.</remarks>
    public static void Write(string path, Action<Stream> write) =>
        Write(path, write, Disk.Create);

    /// <summary>Refuses a path that <see cref="Write(string, Action{Stream})"/> could not write to, before the work that is to be written.</summary>
    /// <param name="path">The file to create or replace later; it is left as it is.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static void RequireWritable(string path)
    {
        string target = Target(path), partial = Partial(target);
        try
        {
            if (Directory.Exists(target)) throw new IOException("The path is a folder.");
            Disk.Create(partial).Dispose();
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(path, e);
        }
        finally
        {
            TryDelete(partial);
        }
    }

    /// <summary>As the public one, with the stream of the temporary file in the caller's hands, so that tests can simulate a failing disk.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="open">Creates the temporary file of the given name.</param>
    internal static void Write(string path, Action<Stream> write, Func<string, Stream> open)
    {
        string target = Target(path), partial = Partial(target);
        bool moved = false;
        try
        {
            if (Directory.Exists(target)) throw new IOException("The path is a folder.");
            using (Stream stream = open(partial))
            {
                write(stream);
                Disk.Flush(stream, partial, toDisk: true);
            }
            Disk.Move(partial, target);
            moved = true;
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(path, e);
        }
        finally
        {
            if (!moved) TryDelete(partial);
        }
        FlushName(target);
    }

    private static string Partial(string target) => string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}{Suffix}");

    // A link keeps its place and its file is replaced. A device must never be replaced by a file, nor the file that one leads to: /dev/stdout leads
    // through /proc to whatever the output of this process was redirected to.
    private static string Target(string path)
    {
        FileErrors.RequireName(path);
        RequireFile(path, path);
        string target = path;
        try
        {
            target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName is { } next) RequireFile(path, next);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // nothing is there, so nothing leads elsewhere
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(path, e);
        }
        RequireFile(path, target);
        return target;
    }

    private static void RequireFile(string path, string place)
    {
        string full = Path.GetFullPath(place);
        if (!OperatingSystem.IsWindows() && (Within(full, "/proc") || (Within(full, "/dev") && !Within(full, "/dev/shm"))))
            throw new UserErrorException($"cannot write '{path}': it is a device and not a file; give the name of a file.");
    }

    private static bool Within(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>Deletes the temporary files in <paramref name="directory"/> whose writer is no longer running.</summary>
    /// <param name="directory">The folder to clear; not its subfolders. One that does not exist or may not be read holds nothing to clear.</param>
    /// <returns>The paths of the files that were deleted, in no particular order.</returns>
    /// <remarks>
    /// A file counts as left behind when no process has its number, or when that process started after the file was last written
    /// (numbers are given out again). Files ending in <c>.partial</c> without a number are not ours and stay. A folder shared by several
    /// machines should be cleared by one that knows that no other writes to it: process numbers mean something on one machine only.
    /// </remarks>
    public static IReadOnlyList<string> RemoveStale(string directory)
    {
        List<string> removed = [];
        if (!Directory.Exists(directory)) return removed;
        EnumerationOptions readable = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Directory };
        foreach (string partial in Directory.EnumerateFiles(directory, "*" + Suffix, readable))
            if (WriterOf(partial) is int writer && !IsWriting(writer, partial) && TryDelete(partial)) removed.Add(partial);
        return removed;
    }

    // "model.safetensors.4711.partial" → 4711
    private static int? WriterOf(string partial)
    {
        ReadOnlySpan<char> stem = partial.AsSpan(0, partial.Length - Suffix.Length);
        ReadOnlySpan<char> number = stem[(stem.LastIndexOf('.') + 1)..];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
    }

    private static bool IsWriting(int processId, string partial)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime() <= File.GetLastWriteTimeUtc(partial) + s_clockSlack;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;                        // no such process, or it ended while we looked
        }
        catch (Exception e) when (e is Win32Exception or NotSupportedException or UnauthorizedAccessException)
        {
            return true;                         // it lives and may not be asked: leave its file alone
        }
    }

    private static bool TryDelete(string partial)
    {
        try
        {
            Disk.Delete(partial);
            return true;
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            return false;                        // a left-over temporary file harms nobody, and the real error is on its way
        }
    }

    // Managed code cannot open a folder to flush it. A journalling file system writes a file's new name out with the file's own next
    // flush, so the file is flushed once more under that name. Should this fail, a power cut may bring back the old file, whole.
    private static void FlushName(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            // The content is on the disk and in place: nothing is lost that was promised.
        }
    }
}
