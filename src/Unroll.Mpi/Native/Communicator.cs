namespace Unroll.Mpi.Native;

/// <summary>
/// The ranks with messages of their own. Every call of the library is made under one lock, the gate, and returns soon: so it need not allow calls by
/// several threads at once, and the thread of the heartbeat gets its turn while another waits for a message.
/// </summary>
/// <param name="mpi">The library.</param>
/// <param name="handle">The communicator.</param>
/// <param name="gate">One for all calls of the library.</param>
internal sealed class Communicator(MpiFunctions mpi, nint handle, Lock gate)
{
    // Then the core is left to others that want it, and after a second of waiting to everybody.
    private const int Spins = 200, YieldsBeforeClock = 64;
    private const long PatienceMilliseconds = 1000;
    private nint[] _requests = [];

    /// <summary>Sends to and receives from every rank, and returns when all of it is done.</summary>
    /// <param name="rank">This rank: what it sends itself is copied.</param>
    /// <param name="send">What goes out.</param>
    /// <param name="sendFrom">Where the bytes for each rank begin, and how many there are.</param>
    /// <param name="receive">What comes in.</param>
    /// <param name="receiveAt">Where the bytes of each rank go, and how many there are.</param>
    /// <param name="mayWait">Called now and then while there is nothing to do; an exception ends the waiting.</param>
    internal unsafe void Exchange(int rank, ReadOnlySpan<byte> send, ReadOnlySpan<Slice> sendFrom, Span<byte> receive, ReadOnlySpan<Slice> receiveAt,
        Action mayWait)
    {
        int ranks = sendFrom.Length, open = 0;
        if (_requests.Length < 2 * ranks) _requests = new nint[2 * ranks];
        Span<nint> requests = _requests.AsSpan(0, 2 * ranks);
        fixed (byte* sent = send)
        fixed (byte* received = receive)
        {
            // Receives first, so that what comes has its place; each rank begins with its right neighbor, so that not all begin with the same one.
            for (int i = 1; i < ranks; i++)
            {
                int other = (rank + ranks - i) % ranks;
                Slice at = receiveAt[other];
                if (at.Length == 0) continue;
                lock (gate) mpi.Receive(handle, received + at.Start, at.Length, other, ref requests[open]);
                open++;
            }
            for (int i = 1; i < ranks; i++)
            {
                int other = (rank + i) % ranks;
                Slice from = sendFrom[other];
                if (from.Length == 0) continue;
                lock (gate) mpi.Send(handle, sent + from.Start, from.Length, other, ref requests[open]);
                open++;
            }
            if (sent + sendFrom[rank].Start != received + receiveAt[rank].Start)
                send.Slice(sendFrom[rank].Start, sendFrom[rank].Length).CopyTo(receive[receiveAt[rank].Start..]);
            Wait(requests[..open], mayWait);
        }
    }

    private void Wait(Span<nint> requests, Action mayWait)
    {
        long began = 0;
        for (int round = 0, left = requests.Length; left > 0; round++)
        {
            lock (gate)
            {
                for (int i = left - 1; i >= 0; i--)
                    if (mpi.IsDone(ref requests[i])) requests[i] = requests[--left];
            }
            if (left == 0 || round < Spins) continue;
            if ((round & (YieldsBeforeClock - 1)) == 0)
            {
                mayWait();
                if (began == 0) began = Environment.TickCount64;
                if (Environment.TickCount64 - began > PatienceMilliseconds)
                {
                    Thread.Sleep(1);
                    round--;                                             // and look again at the next round
                    continue;
                }
            }
            Thread.Yield();
        }
    }
}

/// <summary>Some bytes among others.</summary>
/// <param name="Start">Where they begin.</param>
/// <param name="Length">How many.</param>
internal readonly record struct Slice(int Start, int Length);
