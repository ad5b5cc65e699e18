using System.Text.Json;
using System.Threading.Tasks.Sources;
using Unroll.Serving.Sessions;

namespace Unroll.Serving.Dispatch;

/// <summary>What is asked of a session.</summary>
internal enum RequestKind
{
    /// <summary>Steps.</summary>
    Steps,

    /// <summary>Anything else that its owner does with it.</summary>
    Call,

    /// <summary>To be gone, from the store too.</summary>
    Delete,

    /// <summary>To leave memory, saved if it is durable.</summary>
    Leave,
}

/// <summary>
/// A request for a session, on its way to the loop and back. It is its own task source and its own work item, and is used again after its reply has
/// been read, so that nothing is allocated on the way.
/// </summary>
/// <param name="pool">Where it goes back to; null: nowhere.</param>
internal sealed class Request(RequestPool? pool) : IValueTaskSource<StepReply>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<StepReply> _core;
    private StepReply _reply;
    private Exception? _problem;

    /// <summary>What is asked.</summary>
    public RequestKind Kind { get; set; }

    /// <summary>Whose.</summary>
    public Seat Seat { get; set; } = null!;

    /// <summary>The position that its steps are for.</summary>
    public long At { get; set; }

    /// <summary>A hash of its steps.</summary>
    public ulong Input { get; set; }

    /// <summary>Its steps as a list of JSON; not there: steps of <see cref="Numbers"/>.</summary>
    public JsonElement? Steps { get; set; }

    /// <summary>How many steps it has.</summary>
    public int Count { get; set; }

    /// <summary>How many of them have been taken.</summary>
    public int Taken { get; set; }

    /// <summary>Steps of numbers, one after the other, all of one length.</summary>
    public ReadOnlyMemory<float> Numbers { get; set; }

    /// <summary>Where its answers go as numbers, one after the other; empty: they are JSON.</summary>
    public Memory<float> Answer { get; set; }

    /// <summary>Whether its answers are numbers.</summary>
    public bool InNumbers => Answer.Length > 0;

    /// <summary>Whether it may be taken back after it has begun: several steps, or one that is JSON on its way in or out.</summary>
    public bool Undoable => Steps is not null || Count > 1 || !InNumbers;

    /// <summary>The numbers of the step that is next.</summary>
    public ReadOnlySpan<float> Step => Numbers.Span.Slice(Taken * (Numbers.Length / Count), Numbers.Length / Count);

    /// <summary>Where the numbers of its answer go.</summary>
    public Span<float> Said => Answer.Span.Slice(Taken * (Answer.Length / Count), Answer.Length / Count);

    /// <summary>Whether it repeats the last one.</summary>
    public bool Repeats { get; set; }

    /// <summary>Whether whoever waits for the reply goes on for a moment only and never blocks: such replies share a work item.</summary>
    public bool Brief { get; set; }

    /// <summary>Takes back what is not finished.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>Of a call: what is done, on the loop.</summary>
    public Func<Seat, object?>? Call { get; set; }

    /// <summary>Of a call: whether what it leaves is saved first, where it is to be durable.</summary>
    public bool Saves { get; set; }

    /// <summary>What a call returned.</summary>
    public object? Result { get; set; }

    /// <summary>The task of its reply, to be awaited once.</summary>
    public ValueTask<StepReply> Task => new(this, _core.Version);

    /// <summary>It was answered; whoever waits hears of it when it is executed.</summary>
    public void Reply(in StepReply reply) => _reply = reply;

    /// <summary>It was refused, or has failed; whoever waits hears of it when it is executed.</summary>
    public void Fail(Exception problem) => _problem = problem;

    /// <summary>Whoever waits for the reply goes on.</summary>
    public void Execute()
    {
        if (_problem is { } problem) _core.SetException(problem);
        else _core.SetResult(_reply);
    }

    StepReply IValueTaskSource<StepReply>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            if (pool is not null)
            {
                _core.Reset();
                (_reply, _problem, Steps, Numbers, Answer) = (default, null, null, default, default);
                (Brief, Stop, Seat, Call) = (false, default, null!, null);
                pool.Return(this);
            }
        }
    }

    ValueTaskSourceStatus IValueTaskSource<StepReply>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<StepReply>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

/// <summary>Requests that are not in use.</summary>
internal sealed class RequestPool
{
    private const int Most = 4096;
    private readonly Stack<Request> _idle = new();

    /// <summary>One of them, or a new one.</summary>
    public Request Take()
    {
        lock (_idle)
            if (_idle.TryPop(out Request? request)) return request;
        return new Request(this);
    }

    /// <summary>It is not in use any more.</summary>
    public void Return(Request request)
    {
        lock (_idle)
            if (_idle.Count < Most) _idle.Push(request);
    }
}
