using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Unroll.Numerics;

/// <summary>Work that several workers of a <see cref="ThreadTeam"/> do a share of.</summary>
public interface IWork
{
    /// <summary>Does the share of one worker.</summary>
    /// <param name="worker">0 … workers − 1; the caller of <see cref="ThreadTeam.Run(IWork, int)"/> is worker 0.</param>
    void Run(int worker);
}

/// <summary>
/// Threads that stay: each is started when it is first needed, waits for work by spinning for well under a millisecond, then asleep. Handing out
/// work allocates nothing. How many workers share a piece of work changes no bit of any result.
/// </summary>
/// <remarks>
/// Safe from several threads at once: runs take turns, and where <see cref="WorkersFor"/> is asked they need not: as long as several callers have
/// work, it gives each its own thread alone. So it does for a while when runs have waited long for a worker whose core something else uses. A share
/// cannot hand work to its own team.
/// </remarks>
public sealed class ThreadTeam : IDisposable
{
    // With more threads than cores the awaited thread may need this core.
    private const int Spins = 20_000, SpinsOfTooMany = 50, WorkerBits = 16, AloneMilliseconds = 250, LongestAloneMilliseconds = 8_000;
    private const double MostWaiting = 0.6;                              // of the runs' duration, for each worker beside the slowest
    private static readonly long s_judged = Stopwatch.Frequency / 40;    // 25 ms: several time slices of an operating system
    private static readonly bool Steady = AppContext.TryGetSwitch("Unroll.SteadyThreads", out bool steady) && steady;
    private readonly Lock _turn = new();
    private readonly object _sleep = new();
    private readonly Thread?[] _threads;
    private readonly int _spins;
    private readonly bool _permanent;
    private IWork? _work;
    private Exception? _failure;
    private long _round;                                                 // the number of the run, then in WorkerBits how many workers share it
    private long _shareAgain;                                            // in milliseconds since the system's start
    private long _waited;                                                // of all workers of a run, beyond the spins, in the clock's ticks
    private double _waitedEach;                                          // since the last judgment, for each worker beside the slowest
    private long _shared;                                                // since then, the duration of runs
    private int _alone = AloneMilliseconds;
    private int _running, _arrived, _phase, _sleeping, _started;
    private volatile bool _refuses, _closed, _failed, _ended, _busy;

    /// <summary>A team that shares whatever is faster shared while every thread has a core of its own; the caller disposes of it.</summary>
    /// <param name="threads">How many workers, the caller included, from 1 to 65,535.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is outside that range.</exception>
    public ThreadTeam(int threads) : this(threads, permanent: false)
    {
    }

    private ThreadTeam(int threads, bool permanent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(threads, 1 << WorkerBits);
        (_threads, _permanent) = (new Thread?[threads - 1], permanent);
        _spins = threads <= Environment.ProcessorCount ? Spins : SpinsOfTooMany;
    }

    /// <summary>
    /// The team to use where none is handed over: a worker for each core. A piece of work gets as many of them as leave each at least
    /// <see cref="LargeShare"/>, so that small work is the caller's alone. No thread starts before it is needed; disposing of the team does nothing.
    /// </summary>
    public static ThreadTeam Default { get; } = new(Environment.ProcessorCount, permanent: true) { MinimumPerWorker = LargeShare };

    /// <summary>
    /// Multiply-adds that take one core about a millisecond. With less for each, sharing is slower than one thread on a machine whose cores have
    /// other work to do, and gains little on an idle one.
    /// </summary>
    public const long LargeShare = 1 << 26;

    /// <summary>Multiply-adds of a pass below which one worker does all of it: shared, it would take longer even on an idle machine.</summary>
    public long SmallestShare { get; init; } = 200_000;

    /// <summary>Multiply-adds that every worker gets at least when work is shared; 1 by default: always all workers.</summary>
    public long MinimumPerWorker { get; init; } = 1;

    /// <summary>
    /// Whether runs that wait long for a worker make the next ones the caller's alone, for a quarter of a second up to eight seconds. The switch
    /// <c>Unroll.SteadyThreads</c> of the program turns it off, for tests and measurements.
    /// </summary>
    internal bool Adapts { get; init; } = !Steady;

    /// <summary>How many workers there are, the caller included.</summary>
    public int Threads => _threads.Length + 1;

    /// <summary>How many workers should share a piece of work; for <see cref="Run(IWork, int)"/>.</summary>
    /// <param name="multiplyAdds">Its size; what is no product counts by its time, about 64 to the nanosecond.</param>
    /// <returns>
    /// 1 … <see cref="Threads"/>; 1 while the team works for another caller and for a quarter of a second from then on, and 1 for a while after runs
    /// whose workers had to share their cores with other programs.
    /// </returns>
    public int WorkersFor(long multiplyAdds)
    {
        if (_threads.Length == 0 || multiplyAdds < SmallestShare || multiplyAdds / 2 < MinimumPerWorker || HasOtherCallers()) return 1;
        return (int)Math.Clamp(multiplyAdds / Math.Max(1, MinimumPerWorker), 1, Threads);
    }

    // Workers of one caller that share their cores with another caller are waited for at every meeting: measured, both are slower than alone.
    private bool HasOtherCallers()
    {
        long now = Environment.TickCount64;
        if (!_busy) return now < Volatile.Read(ref _shareAgain);
        if (!IsOwnShare()) Volatile.Write(ref _shareAgain, now + AloneMilliseconds);
        return true;
    }

    /// <summary>Runs every worker's share and returns when all are done; the first exception of a share is thrown again here.</summary>
    /// <exception cref="InvalidOperationException">The caller is a share of this very team, of two workers or more.</exception>
    /// <exception cref="ObjectDisposedException">The team has been disposed of.</exception>
    public void Run(IWork work) => Run(work, Threads);

    /// <summary>Runs the shares of some workers and returns when all are done; the first exception of a share is thrown again here.</summary>
    /// <param name="work">Receives each worker's number.</param>
    /// <param name="workers">How many workers, 1 … <see cref="Threads"/>; of 1, the caller, none may call <see cref="Barrier"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is outside that range.</exception>
    /// <exception cref="InvalidOperationException">The caller is a share of this very team, and there are two workers or more.</exception>
    /// <exception cref="ObjectDisposedException">The team has been disposed of.</exception>
    public void Run(IWork work, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, Threads);
        if (workers == 1)
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
            while (_started < workers - 1) Start(_started + 1);
            _busy = true;
            long began = Stopwatch.GetTimestamp();
            _waited = 0;
            (_work, _failure, _failed, _ended, _arrived) = (work, null, false, false, 0);
            Volatile.Write(ref _running, workers - 1);
            Interlocked.Exchange(ref _round, ((_round >> WorkerBits) + 1) << WorkerBits | (uint)workers);
            if (Volatile.Read(ref _sleeping) > 0) lock (_sleep) Monitor.PulseAll(_sleep);
            Share(work, 0);
            long slow = 0;
            for (int spins = 0; Volatile.Read(ref _running) != 0; spins++) Pause(spins, ref slow);
            Waited(slow);
            if (Adapts) Judge(Stopwatch.GetTimestamp() - began, workers);
            _work = null;
            _busy = false;
            if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Called by every worker of a run: returns when all of them have called it.</summary>
    /// <exception cref="OperationCanceledException">Another worker failed, so that it will never arrive.</exception>
    /// <exception cref="InvalidOperationException">Another worker ended its share, so that it will never arrive.</exception>
    public void Barrier()
    {
        if (_threads.Length == 0) return;
        int phase = Volatile.Read(ref _phase);
        if (Interlocked.Increment(ref _arrived) == WorkersOf(Volatile.Read(ref _round)))
        {
            Volatile.Write(ref _arrived, 0);
            Interlocked.Increment(ref _phase);
            return;
        }
        long slow = 0;
        for (int spins = 0; Volatile.Read(ref _phase) == phase; spins++)
        {
            if (_failed) throw new OperationCanceledException("another worker of the team failed");
            if (_ended && Volatile.Read(ref _phase) == phase)
                throw new InvalidOperationException("a worker of the team ended its share without the barrier that others wait at");
            Pause(spins, ref slow);
        }
        Waited(slow);
    }

    /// <summary>Ends the threads, after the work that they are doing; of <see cref="Default"/>, nothing.</summary>
    /// <exception cref="InvalidOperationException">The caller is a share of this very team.</exception>
    public void Dispose()
    {
        if (_permanent) return;
        RefuseOwnShare();
        _refuses = true;                                                 // callers that wait for a turn get none
        lock (_turn)
        {
            _closed = true;
            lock (_sleep) Monitor.PulseAll(_sleep);
            for (int i = 0; i < _started; i++) _threads[i]!.Join();
        }
    }

    // Worker 0 holds the turn already, and the others would wait for a turn that ends only after them.
    private void RefuseOwnShare()
    {
        if (IsOwnShare())
            throw new InvalidOperationException(
                "a share of a thread team cannot use the team itself: give it another team, of one thread for instance");
    }

    private bool IsOwnShare()
    {
        bool own = _turn.IsHeldByCurrentThread;
        foreach (Thread? thread in _threads) own |= ReferenceEquals(thread, Thread.CurrentThread);
        return own;
    }

    private static int WorkersOf(long round) => (int)(round & ((1 << WorkerBits) - 1));

    // Called with the turn held, so that the round that the thread begins after is the last one.
    private void Start(int worker)
    {
        long seen = _round;
        Thread thread = new(() => Serve(worker, seen)) { IsBackground = true, Name = $"Unroll worker {worker}" };
        thread.Start();
        _threads[worker - 1] = thread;
        _started = worker;
    }

    private void Serve(int worker, long seen)
    {
        while (AwaitRound(worker, ref seen))
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
            Interlocked.CompareExchange(ref _failure, e, null);          // before the flag, so that the first failure is the one that is thrown
            _failed = true;
        }
        GC.KeepAlive(work);                                              // kernels hold addresses in what the work holds
    }

    // False when the team is closed. A sleeper is counted before it looks again, so that no round is missed.
    private bool AwaitRound(int worker, ref long seen)
    {
        for (int spins = 0; !IsCalled(worker, ref seen); spins++)
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
                bool called;
                while (!(called = IsCalled(worker, ref seen)) && !_closed) Monitor.Wait(_sleep);
                Interlocked.Decrement(ref _sleeping);
                if (called) return true;
            }
        }
        return true;
    }

    // A round that this worker has a share in cannot pass unseen, because it ends with that share; of the others it may miss some.
    private bool IsCalled(int worker, ref long seen)
    {
        long round = Volatile.Read(ref _round);
        if (round == seen) return false;
        seen = round;
        return worker < WorkersOf(round);
    }

    private void Pause(int spins, ref long slow)
    {
        if (spins < _spins)
        {
            Thread.SpinWait(1);
            return;
        }
        if (slow == 0) slow = Stopwatch.GetTimestamp();
        Thread.Yield();
    }

    private void Waited(long since)
    {
        if (since != 0) Interlocked.Add(ref _waited, Stopwatch.GetTimestamp() - since);
    }

    // Of two workers one waits for half of the run where shares are two to one, which still is faster than one worker; beyond that a worker had no
    // core for a while. One lost time slice is no reason: it is longer than many a run, and being alone for a quarter of a second costs far more. It
    // will happen again as long as other programs run, so that each time the team leaves its caller alone for longer.
    private void Judge(long duration, int workers)
    {
        _shared += duration;
        _waitedEach += (double)Volatile.Read(ref _waited) / (workers - 1);
        if (_shared < s_judged) return;
        bool well = _waitedEach <= MostWaiting * _shared;
        (_shared, _waitedEach) = (0, 0);
        if (well)
        {
            _alone = Math.Max(AloneMilliseconds, _alone - _alone / 4);
            return;
        }
        Volatile.Write(ref _shareAgain, Environment.TickCount64 + _alone);
        _alone = Math.Min(LongestAloneMilliseconds, 2 * _alone);
    }
}
