using System.Runtime.ExceptionServices;

namespace Unroll.Numerics;

/// <summary>Work that every member of a <see cref="ThreadTeam"/> does a share of.</summary>
public interface IWork
{
    /// <summary>Does the share of one worker.</summary>
    /// <param name="worker">0 … <see cref="ThreadTeam.Threads"/> − 1; the caller of <see cref="ThreadTeam.Run"/> is worker 0.</param>
    void Run(int worker);
}

/// <summary>
/// Threads that stay: they wait for work by spinning for well under a millisecond, then asleep. Handing out work allocates nothing.
/// A team of one starts no thread. Calls from several threads take turns; a share cannot hand work to its own team.
/// </summary>
public sealed class ThreadTeam : IDisposable
{
    private const int Spins = 20_000, SpinsOfTooMany = 50;               // with more threads than cores the one that is awaited may need this core
    private readonly Lock _turn = new();
    private readonly object _sleep = new();
    private readonly Thread[] _threads;
    private readonly int _spins;
    private IWork? _work;
    private Exception? _failure;
    private int _round, _running, _arrived, _phase, _sleeping;
    private volatile bool _refuses, _closed, _failed, _ended;

    /// <summary>Starts <paramref name="threads"/> − 1 threads.</summary>
    /// <param name="threads">How many workers, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1.</exception>
    public ThreadTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = new Thread[threads - 1];
        _spins = threads <= Environment.ProcessorCount ? Spins : SpinsOfTooMany;
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"Unroll worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Multiply-adds of a pass below which one worker does all of it, because sharing would cost more than it saves.</summary>
    public long SmallestShare { get; init; } = 200_000;

    /// <summary>How many workers there are, the caller included.</summary>
    public int Threads => _threads.Length + 1;

    /// <summary>Runs every worker's share and returns when all are done; the first exception of a share is thrown again here.</summary>
    /// <exception cref="InvalidOperationException">The caller is a share of this very team, of two workers or more.</exception>
    /// <exception cref="ObjectDisposedException">The team has been disposed of.</exception>
    public void Run(IWork work)
    {
        if (_threads.Length == 0)
        {
            ObjectDisposedException.ThrowIf(_refuses, this);
            work.Run(0);
            GC.KeepAlive(work);                                          // kernels hold addresses in what the work holds
            return;
        }
        RefuseOwnShare();
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_refuses, this);
            (_work, _failure, _failed, _ended, _arrived) = (work, null, false, false, 0);
            Volatile.Write(ref _running, _threads.Length);
            Interlocked.Increment(ref _round);
            if (Volatile.Read(ref _sleeping) > 0) lock (_sleep) Monitor.PulseAll(_sleep);
            Share(work, 0);
            for (int spins = 0; Volatile.Read(ref _running) != 0; spins++) Pause(spins);
            _work = null;
            if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Called by every worker inside <see cref="Run"/>: returns when all have called it.</summary>
    /// <exception cref="OperationCanceledException">Another worker failed, so that it will never arrive.</exception>
    /// <exception cref="InvalidOperationException">Another worker ended its share, so that it will never arrive.</exception>
    public void Barrier()
    {
        if (_threads.Length == 0) return;
        int phase = Volatile.Read(ref _phase);
        if (Interlocked.Increment(ref _arrived) == Threads)
        {
            Volatile.Write(ref _arrived, 0);
            Interlocked.Increment(ref _phase);
            return;
        }
        for (int spins = 0; Volatile.Read(ref _phase) == phase; spins++)
        {
            if (_failed) throw new OperationCanceledException("another worker of the team failed");
            if (_ended && Volatile.Read(ref _phase) == phase)
                throw new InvalidOperationException("a worker of the team ended its share without the barrier that others wait at");
            Pause(spins);
        }
    }

    /// <summary>Ends the threads, after the work that they are at.</summary>
    /// <exception cref="InvalidOperationException">The caller is a share of this very team.</exception>
    public void Dispose()
    {
        RefuseOwnShare();
        _refuses = true;                                                 // whoever waits for a turn gets none
        lock (_turn)
        {
            _closed = true;
            lock (_sleep) Monitor.PulseAll(_sleep);
            foreach (Thread thread in _threads) thread.Join();
        }
    }

    // Worker 0 holds the turn already, and the others would wait for a turn that ends only after them.
    private void RefuseOwnShare()
    {
        bool own = _turn.IsHeldByCurrentThread;
        foreach (Thread thread in _threads) own |= ReferenceEquals(thread, Thread.CurrentThread);
        if (own)
            throw new InvalidOperationException("a share of a thread team cannot use the team itself: give it another team, of one thread for instance");
    }

    private void Serve(int worker)
    {
        for (int seen = 0; AwaitRound(ref seen);)
        {
            Share(_work!, worker);
            Interlocked.Decrement(ref _running);
        }
    }

    private void Share(IWork work, int worker)
    {
        try
        {
            work.Run(worker);
            _ended = true;
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);          // before the flag: who leaves a barrier because of it is not the first
            _failed = true;
        }
        GC.KeepAlive(work);                                              // kernels hold addresses in what the work holds
    }

    // False when the team is closed. A sleeper is counted before it looks again, so that no round is missed.
    private bool AwaitRound(ref int seen)
    {
        for (int spins = 0; Volatile.Read(ref _round) == seen; spins++)
        {
            if (_closed) return false;
            if (spins < _spins)
            {
                Thread.SpinWait(1);
                continue;
            }
            lock (_sleep)
            {
                Interlocked.Increment(ref _sleeping);
                while (Volatile.Read(ref _round) == seen && !_closed) Monitor.Wait(_sleep);
                Interlocked.Decrement(ref _sleeping);
            }
        }
        seen++;
        return true;
    }

    private void Pause(int spins)
    {
        if (spins < _spins) Thread.SpinWait(1);
        else Thread.Yield();
    }
}
