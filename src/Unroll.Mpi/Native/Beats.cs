using System.Runtime.InteropServices;

namespace Unroll.Mpi.Native;

/// <summary>What a rank tells the others about itself, again and again.</summary>
/// <param name="Phase">How far it is with leaving.</param>
/// <param name="Failed">Whether it has failed.</param>
/// <param name="Failure">A number made of what it failed of: the same for the same words.</param>
internal readonly record struct Beat(Phase Phase, bool Failed, ulong Failure);

/// <summary>How far a rank is with leaving.</summary>
internal enum Phase : byte
{
    /// <summary>It has something to do.</summary>
    Working,

    /// <summary>It is done, and waits until all are.</summary>
    Done,

    /// <summary>It has seen that all are done: this beat is its last.</summary>
    Last,
}

/// <summary>Beats to and from every other rank; used by one thread. Each rank always has one receive open for each other one, until its last
/// beat.</summary>
internal sealed unsafe class Beats : IDisposable
{
    private const int Size = 16;
    private readonly MpiFunctions _mpi;
    private readonly nint _handle;
    private readonly Lock _gate;
    private readonly int _rank;
    private readonly byte* _in, _out;
    private readonly nint[] _receives, _sends;
    private readonly bool[] _isSending, _ended;

    internal Beats(MpiFunctions mpi, nint handle, Lock gate, int rank, int ranks)
    {
        (_mpi, _handle, _gate, _rank) = (mpi, handle, gate, rank);
        (_receives, _sends, _isSending, _ended) = (new nint[ranks], new nint[ranks], new bool[ranks], new bool[ranks]);
        _in = (byte*)NativeMemory.AllocZeroed((nuint)(Size * ranks));
        _out = (byte*)NativeMemory.AllocZeroed((nuint)(Size * ranks));
        _ended[rank] = true;
        for (int other = 0; other < ranks; other++)
            if (other != rank) Open(other);
    }

    /// <summary>Whether every other rank's last beat has come, and all of this rank's have gone.</summary>
    internal bool AreOver => _ended.AsSpan().IndexOf(false) < 0 && _isSending.AsSpan().IndexOf(true) < 0;

    /// <summary>Whether a rank's last beat has come.</summary>
    internal bool HasEnded(int rank) => _ended[rank];

    /// <summary>Takes what has come from one rank.</summary>
    /// <returns>The newest, or null where nothing has come.</returns>
    internal Beat? Take(int other)
    {
        Beat? newest = null;
        while (!_ended[other] && IsDone(ref _receives[other]))
        {
            byte* at = _in + Size * other;
            newest = new Beat((Phase)at[0], at[1] != 0, *(ulong*)(at + 8));
            if (newest.Value.Phase == Phase.Last) _ended[other] = true;
            else Open(other);
        }
        return newest;
    }

    /// <summary>Sends a rank a beat, unless the one before has not gone yet.</summary>
    /// <returns>Whether it was sent.</returns>
    internal bool Send(int other, Beat beat)
    {
        if (!HasGone(other)) return false;
        byte* at = _out + Size * other;
        at[0] = (byte)beat.Phase;
        at[1] = beat.Failed ? (byte)1 : (byte)0;
        *(ulong*)(at + 8) = beat.Failure;
        lock (_gate) _mpi.Send(_handle, at, Size, other, ref _sends[other]);
        _isSending[other] = true;
        return true;
    }

    /// <summary>Whether nothing is on its way to that rank.</summary>
    internal bool HasGone(int other)
    {
        if (_isSending[other] && IsDone(ref _sends[other])) _isSending[other] = false;
        return !_isSending[other];
    }

    public void Dispose()
    {
        NativeMemory.Free(_in);
        NativeMemory.Free(_out);
    }

    private void Open(int other)
    {
        lock (_gate) _mpi.Receive(_handle, _in + Size * other, Size, other, ref _receives[other]);
    }

    private bool IsDone(ref nint request)
    {
        lock (_gate) return _mpi.IsDone(ref request);
    }
}
