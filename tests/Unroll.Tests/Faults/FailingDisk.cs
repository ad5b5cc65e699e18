using Unroll.Files;

namespace Unroll.Tests.Faults;

/// <summary>How an operation of the file system fails.</summary>
public enum Fault
{
    /// <summary>That one operation, for want of permission.</summary>
    NoPermission,

    /// <summary>That operation and every later one that writes: the disk is full. Half of what was being written is there.</summary>
    DiskFull,

    /// <summary>That operation, by an error of the device.</summary>
    DeviceError,

    /// <summary>The process is dead from that operation on: nothing is done after it, no tidying up either.</summary>
    Killed,
}

/// <summary>What a test throws where a process would be dead.</summary>
internal sealed class KilledException : Exception;

/// <summary>
/// A file system whose n-th operation fails. It watches the flow of control that made it, until it is disposed of; other tests run undisturbed.
/// </summary>
internal sealed class FailingDisk : IDisposable
{
    private readonly int _failing;
    private readonly Fault _fault;

    /// <summary>Begins.</summary>
    /// <param name="failing">Which operation fails, from 0; −1: none, they are only counted.</param>
    /// <param name="fault">How.</param>
    public FailingDisk(int failing, Fault fault)
    {
        (_failing, _fault) = (failing, fault);
        Disk.Watch = Before;
    }

    /// <summary>The operations so far, by name and file.</summary>
    public List<string> Operations { get; } = [];

    public void Dispose() => Disk.Watch = null;

    private void Before(string operation, string path)
    {
        int n = Operations.Count;
        Operations.Add($"{operation} {Path.GetFileName(path)}");
        if (_failing < 0 || n < _failing) return;
        switch (_fault)
        {
            case Fault.Killed: throw new KilledException();
            case Fault.DiskFull when operation is "open" or "write" or "flush" or "folder":
                throw new IOException("No space left on device", 28);
            case Fault.NoPermission when n == _failing: throw new UnauthorizedAccessException($"Access to '{path}' is denied.");
            case Fault.DeviceError when n == _failing: throw new IOException("Input/output error", 5);
        }
    }
}
