using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>What a member's thread hands to the one that enumerates: a step or an epoch, with where the member stands then; or a note.</summary>
internal readonly record struct MemberEvent(int Member, TrainingProgress Progress, TrainingState State, string? Note);

/// <summary>
/// Threads that train a member each, and hand what happens to the one that enumerates: a member waits until that one asks for the next event, so
/// that its weights stand still meanwhile, as if there were no thread.
/// </summary>
internal sealed class MemberThreads : IDisposable
{
    private readonly IReadOnlyList<ITrainingLoop> _loops;
    private readonly Func<int, CancellationToken, IEnumerable<TrainingProgress>> _run;
    private readonly BlockingCollection<(MemberEvent Event, SemaphoreSlim? Seen)> _events = [];
    private readonly ConcurrentQueue<(int Member, ExceptionDispatchInfo Error)> _errors = [];
    private readonly CancellationTokenSource _leave = new();
    private readonly Thread[] _threads;
    private int _next = -1, _working;
    private volatile bool _left;

    /// <summary>Prepares them.</summary>
    /// <param name="loops">The members' loops.</param>
    /// <param name="workers">How many threads.</param>
    /// <param name="run">The steps of a member; ends early when the token is canceled.</param>
    internal MemberThreads(IReadOnlyList<ITrainingLoop> loops, int workers, Func<int, CancellationToken, IEnumerable<TrainingProgress>> run)
    {
        (_loops, _run, _working) = (loops, run, workers);
        _threads = [.. Enumerable.Range(1, workers).Select(i => new Thread(Work) { IsBackground = true, Name = $"Unroll member {i}" })];
    }

    /// <summary>Whether the caller is one of them.</summary>
    internal bool IsMember => Array.IndexOf(_threads, Thread.CurrentThread) >= 0;

    /// <summary>Hands a note over.</summary>
    internal void Note(string line) => _events.Add((new MemberEvent(0, default, default, line), null));

    /// <summary>Starts them and reports what happens, until all have ended; the first member's error, if any, is thrown then.</summary>
    internal IEnumerable<MemberEvent> Events()
    {
        foreach (Thread thread in _threads) thread.Start();
        foreach ((MemberEvent one, SemaphoreSlim? seen) in _events.GetConsumingEnumerable())
        {
            yield return one;
            seen?.Release();
        }
        if (!_errors.IsEmpty) _errors.MinBy(error => error.Member).Error.Throw();
    }

    /// <summary>Ends them where they are, and waits for that: who leaves the enumeration finds nothing at work behind it.</summary>
    public void Dispose()
    {
        _left = true;
        _leave.Cancel();
        foreach ((_, SemaphoreSlim? seen) in _events) seen?.Release();
        foreach (Thread thread in _threads)
            if (thread.ThreadState.HasFlag(ThreadState.Unstarted) is false) thread.Join();
        _events.Dispose();
        _leave.Dispose();
    }

    private void Work()
    {
        using SemaphoreSlim seen = new(0);
        for (int k = Interlocked.Increment(ref _next); k < _loops.Count; k = Interlocked.Increment(ref _next)) Train(k, seen);
        if (Interlocked.Decrement(ref _working) == 0) _events.CompleteAdding();
    }

    private void Train(int k, SemaphoreSlim seen)
    {
        try
        {
            foreach (TrainingProgress progress in _run(k, _leave.Token))
            {
                _events.Add((new MemberEvent(k, progress, _loops[k].State, null), seen));
                while (!_left && !seen.Wait(50)) { }
                if (_left) return;
            }
        }
        catch (Exception e)
        {
            _errors.Enqueue((k, ExceptionDispatchInfo.Capture(e)));
            _leave.Cancel();                                                 // the others save what they have and end
        }
    }
}
