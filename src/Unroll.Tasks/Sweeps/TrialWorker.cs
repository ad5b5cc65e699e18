using System.Runtime.ExceptionServices;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tasks.Sweeps;

/// <summary>A thread that does one piece of work after the other and keeps what happens until somebody asks.</summary>
/// <param name="train">Does a piece.</param>
/// <param name="threads">The threads of each, at least 1.</param>
internal sealed class TrialWorker(TrialTraining train, int threads) : IDisposable
{
    private readonly ThreadTeam _team = new(threads);
    private readonly Lock _gate = new();
    private Thread? _thread;
    private CancellationTokenSource? _leave;
    private List<TrialEvent> _events = [];
    private TrialWork? _ended;
    private string? _failure;
    private ExceptionDispatchInfo? _bug;

    /// <summary>Begins a piece of work; the one before has ended.</summary>
    internal void Begin(TrialWork work)
    {
        Join();
        _leave = new CancellationTokenSource();
        CancellationToken leave = _leave.Token;
        _thread = new Thread(() => Do(work, leave)) { IsBackground = true, Name = "Unroll trial" };
        _thread.Start();
    }

    /// <summary>Has what is under way end with a checkpoint.</summary>
    internal void Stop() => _leave?.Cancel();

    /// <summary>What has happened since it was asked last.</summary>
    internal TrialMessage Take()
    {
        lock (_gate)
        {
            if (_bug is { } bug)
            {
                _bug = null;
                bug.Throw();
            }
            TrialMessage said = new() { Events = _events, Ended = _ended, Failure = _failure };
            (_events, _ended, _failure) = ([], null, null);
            return said;
        }
    }

    public void Dispose()
    {
        Stop();
        Join();
        _team.Dispose();
    }

    private void Join()
    {
        _thread?.Join();
        _leave?.Dispose();
        (_thread, _leave) = (null, null);
    }

    private void Do(TrialWork work, CancellationToken leave)
    {
        string? failure = null;
        ExceptionDispatchInfo? bug = null;
        try
        {
            if (train(work, _team, Add, leave) is { } result) Add(new TrialEvent(work) { Result = result });
        }
        catch (UserErrorException e)
        {
            failure = e.Message;
        }
        catch (Exception e)
        {
            bug = ExceptionDispatchInfo.Capture(e);
        }
        lock (_gate) (_ended, _failure, _bug) = (work, failure, bug);
    }

    private void Add(TrialEvent one)
    {
        lock (_gate) _events.Add(one);
    }
}
