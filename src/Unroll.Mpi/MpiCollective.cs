using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Unroll.Core;
using Unroll.Mpi.Native;
using Unroll.Training;

namespace Unroll.Mpi;

/// <summary>
/// The ranks that an MPI launcher started. Slices go directly from each rank to each other one, all at the same time. One process joins once, on the
/// thread that later disposes of it; exchanges are made by one thread at a time.
/// </summary>
public sealed class MpiCollective : ICollective, IDisposable
{
    private const int Large = 1 << 18;                                   // bytes on average of a rank, above which libraries ask before they send
    private readonly MpiFunctions _mpi;
    private readonly Lock _gate = new();
    private readonly Communicator _communicator;
    private readonly Heartbeat? _heartbeat;
    private readonly Slice[] _from, _to;
    private readonly byte[] _met;
    private readonly Action _mayWait;
    private long _waited;
    private bool _left;

    private MpiCollective(MpiLibrary library, int rank, int size, TimeSpan? patience, Action<MpiCollective, RankLost>? lost)
    {
        (_mpi, Library, Rank, Size) = (library.Functions, library, rank, size);
        (_from, _to, _met) = (new Slice[size], new Slice[size], new byte[size]);
        _communicator = new Communicator(_mpi, _mpi.Duplicate(_mpi.World), _gate);
        nint beats = _mpi.Duplicate(_mpi.World);
        _mayWait = RequireAll;
        if (size > 1) _heartbeat = new Heartbeat(new Beats(_mpi, beats, _gate, rank, size), rank, size, patience ?? DefaultPatience,
            loss => lost?.Invoke(this, loss));
    }

    /// <summary>After how long without a sign of life a rank counts as lost.</summary>
    public static TimeSpan DefaultPatience { get; } = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>The library.</summary>
    public MpiLibrary Library { get; }

    /// <summary>How long this rank's exchanges have taken, waiting for the others included.</summary>
    public TimeSpan Waited => TimeSpan.FromSeconds(Volatile.Read(ref _waited) / (double)Stopwatch.Frequency);

    /// <summary>Joins the ranks that were started with this process.</summary>
    /// <param name="launcher">Who started it; null: nobody known, then this is expected to be the only rank.</param>
    /// <param name="library">From <see cref="MpiLibrary.Load"/>.</param>
    /// <param name="patience">After how long without a sign of life a rank counts as lost; null: <see cref="DefaultPatience"/>.</param>
    /// <param name="lost">
    /// Called once, on a thread of its own, when a rank is lost; it should end the process by <see cref="Abort"/>. Whoever waits in an exchange
    /// gets a
    /// <see cref="UserErrorException"/>.
    /// </param>
    /// <exception cref="UserErrorException">
    /// The library cannot be initialized, has been before, allows no calls by several threads, or does not find the others that the launcher started.
    /// </exception>
    public static MpiCollective Join(
        Launcher? launcher, MpiLibrary library, TimeSpan? patience = null, Action<MpiCollective, RankLost>? lost = null)
    {
        MpiFunctions mpi = library.Functions;
        if (mpi.IsInitialized)
            throw new UserErrorException($"MPI: {library.Version} has been initialized in this process before; a process joins once.");
        int threads = mpi.Init();
        int rank = mpi.RankOf(mpi.World), size = mpi.SizeOf(mpi.World);
        if (launcher is not null && (launcher.Size != size || launcher.Rank != rank))
            throw new UserErrorException($"MPI: {launcher.Name} says that this is rank {launcher.Rank} of {launcher.Size}, and {library.Version} "
                + $"('{library.Name}') says rank {rank} of {size}: launcher and library do not belong together; start the program by the mpirun of "
                + $"that library, or name the launcher's library by the variable {MpiLibrary.PathVariable}.");
        if (size > 1 && threads < MpiFunctions.Serialized)
            throw new UserErrorException($"MPI: {library.Version} ('{library.Name}') allows calls by one thread only (level {threads}, expected "
                + $"{MpiFunctions.Serialized}, MPI_THREAD_SERIALIZED): ranks could not notice that another is lost; "
                + "use a library built with threads.");
        return new MpiCollective(library, rank, size, patience, lost);
    }

    /// <inheritdoc/>
    public void AllGather(Span<byte> all, ReadOnlySpan<int> counts)
    {
        if (Size == 1) return;
        if (Sum(counts) / Size >= Large) Meet();
        int total = 0;
        for (int rank = 0; rank < Size; rank++)
        {
            _to[rank] = new Slice(total, counts[rank]);
            total += counts[rank];
        }
        Array.Fill(_from, _to[Rank]);
        Exchange(all[..total], all[..total]);
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts)
    {
        int sent = 0, received = 0;
        for (int rank = 0; rank < Size; rank++)
        {
            (_from[rank], _to[rank]) = (new Slice(sent, sendCounts[rank]), new Slice(received, receiveCounts[rank]));
            sent += sendCounts[rank];
            received += receiveCounts[rank];
        }
        Exchange(send[..sent], receive[..received]);
    }

    /// <summary>Tells the other ranks that this one has failed; see <see cref="IsFailureOf"/>.</summary>
    /// <param name="message">Of what.</param>
    public void Fail(string message)
    {
        ulong number = NumberOf(message);
        _heartbeat?.Say(beat => beat with { Failed = true, Failure = number });
    }

    /// <summary>Whether a rank has said that it failed, and of the same words.</summary>
    /// <param name="rank">Which rank.</param>
    /// <param name="message">Of what.</param>
    public bool IsFailureOf(int rank, string message) =>
        _heartbeat is not null && _heartbeat.Of(rank) is { Failed: true, Failure: var number } && number == NumberOf(message);

    /// <summary>Whether a rank has said that it failed, of whatever.</summary>
    /// <param name="rank">Which rank.</param>
    public bool HasFailed(int rank) => _heartbeat is not null && _heartbeat.Of(rank).Failed;

    /// <summary>Whether a rank has nothing more to do and waits in <see cref="Dispose"/>.</summary>
    /// <param name="rank">Which rank.</param>
    public bool IsDone(int rank) => _heartbeat is not null && _heartbeat.Of(rank).Phase >= Phase.Done;

    /// <summary>Ends all ranks at once, this one included: the launcher stops the others. Does not return.</summary>
    /// <param name="exitCode">Not 0.</param>
    [DoesNotReturn]
    public void Abort(int exitCode)
    {
        // A library that hangs in a call keeps the gate: then this process at least ends, and the launcher sees that.
        if (_gate.TryEnter(TimeSpan.FromMilliseconds(500))) _mpi.Abort(exitCode);
        Environment.Exit(exitCode);
    }

    /// <summary>Waits until all ranks are done, and leaves. After an exception of an exchange, end by <see cref="Abort"/> instead.</summary>
    public void Dispose()
    {
        if (_left) return;
        _left = true;
        if (_heartbeat is not null)
        {
            _heartbeat.Say(beat => beat with { Phase = Phase.Done });
            while (!_heartbeat.IsOver && _heartbeat.Loss is null) Thread.Sleep(5);
            bool lost = _heartbeat.Loss is not null;
            _heartbeat.Dispose();
            if (lost) return;
        }
        lock (_gate)
            if (!_mpi.IsFinalized) _mpi.Leave();
    }

    // Who begins before another's request to send has come answers it behind bytes of its own: large exchanges begin together.
    private void Meet()
    {
        for (int rank = 0; rank < Size; rank++) _to[rank] = new Slice(rank, 1);
        Array.Fill(_from, _to[Rank]);
        Exchange(_met, _met);
    }

    private static long Sum(ReadOnlySpan<int> counts)
    {
        long sum = 0;
        foreach (int count in counts) sum += count;
        return sum;
    }

    private void Exchange(ReadOnlySpan<byte> send, Span<byte> receive)
    {
        long began = Stopwatch.GetTimestamp();
        _communicator.Exchange(Rank, send, _from, receive, _to, _mayWait);
        Volatile.Write(ref _waited, _waited + Stopwatch.GetTimestamp() - began);
    }

    private void RequireAll()
    {
        if (_heartbeat?.Loss is { } loss) throw new UserErrorException($"{loss}.");
    }

    // FNV-1a
    private static ulong NumberOf(string message)
    {
        ulong number = 14695981039346656037;
        foreach (char letter in message) number = (number ^ letter) * 1099511628211;
        return number;
    }
}
