using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Unroll.Numerics;

namespace Unroll.Tasks.Sweeps;

/// <summary>Threads of this process that do a trial each, with a team of threads of its own.</summary>
/// <param name="jobs">How many trials at once, at least 1.</param>
/// <param name="threads">The threads of each, at least 1.</param>
public sealed class TrialThreads(int jobs, int threads = 1) : ITrialDealer
{
    private readonly int _jobs = Math.Max(1, jobs), _threads = Math.Max(1, threads);

    /// <inheritdoc/>
    public IEnumerable<TrialEvent> Deal(IReadOnlyList<TrialWork> work, TrialTraining train, CancellationToken stop)
    {
        if (work.Count == 0) yield break;
        using Running running = new(work, train, _threads, stop);
        foreach (TrialEvent one in running.Events(Math.Min(_jobs, work.Count))) yield return one;
    }

    private sealed class Running(IReadOnlyList<TrialWork> work, TrialTraining train, int threads, CancellationToken stop) : IDisposable
    {
        private readonly BlockingCollection<TrialEvent> _events = [];
        private readonly ConcurrentQueue<(int At, ExceptionDispatchInfo Error)> _errors = [];
        private readonly CancellationTokenSource _leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
        private readonly List<Thread> _workers = [];
        private int _next = -1, _working;

        public IEnumerable<TrialEvent> Events(int jobs)
        {
            _working = jobs;
            for (int i = 1; i <= jobs; i++)
            {
                Thread worker = new(Work) { IsBackground = true, Name = $"Unroll trial {i}" };
                _workers.Add(worker);
                worker.Start();
            }
            foreach (TrialEvent one in _events.GetConsumingEnumerable()) yield return one;
            if (!_errors.IsEmpty) _errors.MinBy(error => error.At).Error.Throw();
        }

        public void Dispose()
        {
            _leave.Cancel();
            foreach (Thread worker in _workers) worker.Join();
            _events.Dispose();
            _leave.Dispose();
        }

        private void Work()
        {
            using ThreadTeam team = new(threads);
            for (int at = Interlocked.Increment(ref _next); at < work.Count && !_leave.IsCancellationRequested; at = Interlocked.Increment(ref _next))
                try
                {
                    if (train(work[at], team, _events.Add, _leave.Token) is { } result) _events.Add(new TrialEvent(work[at]) { Result = result });
                }
                catch (Exception e)
                {
                    _errors.Enqueue((at, ExceptionDispatchInfo.Capture(e)));
                    _leave.Cancel();                                     // the others save what they have and end
                }
            if (Interlocked.Decrement(ref _working) == 0) _events.CompleteAdding();
        }
    }
}
