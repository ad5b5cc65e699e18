using System.Globalization;
using Unroll.Core;

namespace Unroll.Files;

/// <summary>
/// A folder that one process holds: a file in it, open and locked for as long as the holder lives, so that the lock of a dead one holds nobody up.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string LockName = ".lock", HolderName = ".running";
    private readonly FileStream _file;
    private readonly string _holder;

    private FolderLock(FileStream file, string holder) => (_file, _holder) = (file, holder);

    /// <summary>Takes the lock.</summary>
    /// <param name="folder">The folder, which must exist.</param>
    /// <param name="holder">Who has it, where somebody has: <c>process 4711, since 2026-01-31 12:00:00 UTC</c>.</param>
    /// <returns>Null where somebody has it.</returns>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    internal static FolderLock? Take(string folder, out string holder)
    {
        string path = Path.Combine(folder, LockName), note = Path.Combine(folder, HolderName);
        holder = "";
        try
        {
            // The file stays: were it deleted, somebody who waits for the old one and somebody who makes a new one would both have it.
            FolderLock held = new(Disk.OpenLocked(path), note);
            held.SayWho();
            return held;
        }
        catch (IOException e) when (IsHeld(e))
        {
            holder = HolderOf(note);
            return null;
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(path, e);
        }
    }

    /// <summary>Whether a file of a folder belongs to a lock.</summary>
    internal static bool Owns(string path) => Path.GetFileName(path) is LockName or HolderName;

    public void Dispose()
    {
        try
        {
            if (_file.CanWrite) Disk.Delete(_holder);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            // It says who held the lock last, and nobody asks while the lock is free.
        }
        _file.Dispose();
    }

    // Beside the locked file, which nobody else can read; it is for people, and the lock holds without it.
    private void SayWho()
    {
        try
        {
            using Stream file = Disk.Create(_holder);
            file.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId}, since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC")));
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            // said as "another process"
        }
    }

    private static string HolderOf(string note)
    {
        try
        {
            return File.ReadAllText(note) is { Length: > 0 and < 100 } text ? text : "another process";
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            return "another process";
        }
    }

    // EWOULDBLOCK of Linux and of the systems that come from BSD, and the sharing violation of Windows.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
