using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Unroll.Core;
using Unroll.Serving.Dispatch;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;

namespace Unroll.Serving;

/// <summary>A session that somebody holds: while it is held it stays in memory. Requests are taken in the order in which they come.</summary>
/// <remarks>Safe for use by several threads.</remarks>
public sealed class SessionHandle : IDisposable
{
    /// <summary>As a position: wherever the session stands. Such a request cannot be sent again without being taken again.</summary>
    public const long Here = long.MinValue;

    private readonly SessionHost _host;
    private readonly Seat _seat;
    private int _disposed;

    internal SessionHandle(SessionHost host, Seat seat) => (_host, _seat) = (host, seat);

    /// <summary>What its owner calls it.</summary>
    public string Name => _seat.Session.Id.Name;

    /// <summary>Its model, until it ends.</summary>
    public ServedModel Model => _seat.Session.Model;

    /// <summary>How it began.</summary>
    public SessionConfiguration Options => _seat.Session.Options;

    /// <summary>How many numbers the answer to a step of numbers has; 0: steps are JSON alone.</summary>
    public int AnswerSize => _seat.Session.AnswerSize;

    /// <summary>Takes steps of numbers, such as the features of a row or the numbers of symbols. A single one allocates nothing.</summary>
    /// <param name="at">The position that it is for; the same with the same step again returns the same answer and takes nothing.</param>
    /// <param name="step">The numbers, step after step, all of one length; they stay as they are until the answer is there.</param>
    /// <param name="answer">[steps, <see cref="AnswerSize"/>]: probabilities of labels or symbols, overwritten. Its size says how many steps.</param>
    /// <param name="stop">Gives up before the step has begun; several are all taken back.</param>
    /// <returns>To be awaited once.</returns>
    /// <exception cref="ServingException">The session stands elsewhere, a limit is reached, or the store is away.</exception>
    /// <exception cref="UserErrorException">It is no step of this model; the session stays as it was.</exception>
    public ValueTask<StepReply> StepAsync(long at, ReadOnlyMemory<float> step, Memory<float> answer, CancellationToken stop = default)
    {
        int size = AnswerSize, count = size == 0 ? 0 : answer.Length / size;
        if (count == 0 || answer.Length != count * size) ThrowAnswer(answer.Length);
        if (count > _host.Limits.Steps || step.Length % count != 0) ThrowCount(step.Length, count);
        return Post(at, step, answer, count, stop);
    }

    /// <summary>Takes a step of numbers whose answer is JSON, such as samples of a sound.</summary>
    /// <inheritdoc cref="StepAsync(long, ReadOnlyMemory{float}, Memory{float}, CancellationToken)"/>
    public ValueTask<StepReply> StepAsync(long at, ReadOnlyMemory<float> step, CancellationToken stop = default) => Post(at, step, default, 1, stop);

    private ValueTask<StepReply> Post(long at, ReadOnlyMemory<float> steps, Memory<float> answer, int count, CancellationToken stop)
    {
        _host.RequireRunning();
        Request request = Model.Loop.Pool.Take();
        (request.Kind, request.Seat, request.At, request.Count, request.Stop) = (RequestKind.Steps, _seat, at, count, stop);
        (request.Numbers, request.Answer, request.Input) = (steps, answer, Fnv.Of(MemoryMarshal.AsBytes(steps.Span)));
        ValueTask<StepReply> task = request.Task;
        Model.Loop.Post(request);
        return task;
    }

    /// <summary>Takes steps, all or none.</summary>
    /// <param name="at">The position that the first is for; the same with the same steps again returns the same answers and takes nothing.</param>
    /// <param name="steps">A list of steps in UTF-8, each in the form that the task's session documents.</param>
    /// <param name="stop">Takes back what is not finished.</param>
    /// <exception cref="ServingException">
    /// It is no such list, the session stands elsewhere, a limit is reached, or the store is away.
    /// </exception>
    /// <exception cref="UserErrorException">One is no step of this model; the session stays as it was.</exception>
    public async ValueTask<StepReply> StepAsync(long at, ReadOnlyMemory<byte> steps, CancellationToken stop = default)
    {
        JsonElement list;
        try
        {
            list = JsonRecord.Parse(steps, root => root.Clone());
        }
        catch (JsonException e)
        {
            throw new ServingException(Refusal.Invalid, $"steps: {e.Message.TrimEnd('.')}; send a list of steps.", e);
        }
        return await StepAsync(at, list, stop);
    }

    /// <inheritdoc cref="StepAsync(long, ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <remarks>The list's document must not be disposed of before the answer is there.</remarks>
    public ValueTask<StepReply> StepAsync(long at, JsonElement steps, CancellationToken stop = default) =>
        StepAsync(at, steps, default, brief: false, stop);

    /// <summary>Takes steps, all or none, and answers with numbers.</summary>
    /// <inheritdoc cref="StepAsync(long, JsonElement, CancellationToken)"/>
    /// <param name="at">The position that the first is for.</param>
    /// <param name="steps">A list of steps.</param>
    /// <param name="answer">[steps, <see cref="AnswerSize"/>], overwritten: the answers as numbers instead of JSON.</param>
    /// <param name="stop">Takes back what is not finished.</param>
    public ValueTask<StepReply> StepAsync(long at, JsonElement steps, Memory<float> answer, CancellationToken stop = default) =>
        StepAsync(at, steps, answer, brief: false, stop);

    // brief: whether what follows the answer takes a moment only and never blocks.
    internal async ValueTask<StepReply> StepAsync(long at, JsonElement steps, Memory<float> answer, bool brief, CancellationToken stop)
    {
        int count = steps.ValueKind == JsonValueKind.Array ? steps.GetArrayLength() : 0;
        if (count == 0 || count > _host.Limits.Steps)
            throw new ServingException(Refusal.Invalid, $"steps: expected a list of 1 to {_host.Limits.Steps} steps, found "
                + $"{(steps.ValueKind == JsonValueKind.Array ? $"{count}" : steps.ValueKind)}; send so many at once.");
        if (answer.Length > 0 && (AnswerSize == 0 || answer.Length != count * AnswerSize)) ThrowAnswer(answer.Length);
        _host.RequireRunning();
        using Activity? activity = Activity("unroll.steps")?.SetTag("unroll.at", at).SetTag("unroll.count", count);
        Request request = Model.Loop.Pool.Take();
        (request.Kind, request.Seat, request.At, request.Count, request.Stop) = (RequestKind.Steps, _seat, at, count, stop);
        (request.Steps, request.Answer, request.Brief) = (steps, answer, brief);
        request.Input = Fnv.Of(JsonMarshal.GetRawUtf8Value(steps));
        ValueTask<StepReply> task = request.Task;
        Model.Loop.Post(request);
        return await task;
    }

    /// <summary>Where it stands.</summary>
    public ValueTask<SessionStatus> StatusAsync(CancellationToken stop = default) =>
        CallAsync(seat => new SessionStatus(seat.Session.Position, seat.Session.Durable, seat.Session.Kept, seat.Session.Last), stop);

    /// <summary>A snapshot: it can be restored in this session, in another one, or in another process that has the same weights.</summary>
    public ValueTask<byte[]> SnapshotAsync(CancellationToken stop = default) => CallAsync(seat => seat.Session.Snapshot(), stop);

    /// <summary>Goes on from a snapshot.</summary>
    /// <param name="snapshot">The bytes.</param>
    /// <param name="stop">Gives up before it has begun.</param>
    /// <returns>Where it stands then.</returns>
    /// <exception cref="UserErrorException">It is none, damaged, or of other weights; the session stays as it was.</exception>
    public ValueTask<SessionStatus> RestoreAsync(byte[] snapshot, CancellationToken stop = default) =>
        Changed(session => session.Restore(snapshot), stop);

    /// <summary>Goes back to a position for which a snapshot is kept.</summary>
    /// <param name="position">The position.</param>
    /// <param name="stop">Gives up before it has begun.</param>
    /// <exception cref="ServingException">None is kept for it; has those that are.</exception>
    public ValueTask<SessionStatus> RewindAsync(long position, CancellationToken stop = default) =>
        Changed(session => session.Rewind(position), stop);

    /// <summary>An independent session of the same owner that goes on from here.</summary>
    /// <param name="name">What it is called; null: a new name.</param>
    /// <param name="stop">Gives up before it has begun.</param>
    /// <returns>The session, held.</returns>
    /// <exception cref="ServingException">There is one of that name, or a limit is reached.</exception>
    public async ValueTask<SessionHandle> ForkAsync(string? name = null, CancellationToken stop = default)
    {
        SessionId id = SessionHost.NewId(_seat.Session.Id.Owner, name);
        Session fork = await CallAsync(seat =>
        {
            Session made = seat.Session.Fork(id);
            made.Model.Count(1);                             // its model has a session, this one, and so cannot be let go meanwhile
            return made;
        }, stop);
        return await _host.Seat(fork);
    }

    /// <summary>Ends it, in the store too.</summary>
    public async ValueTask DeleteAsync()
    {
        _host.RequireRunning();
        Request request = new(null) { Kind = RequestKind.Delete, Seat = _seat };
        Model.Loop.Post(request, always: true);
        await request.Task;
    }

    /// <summary>Ends it, if it has not ended already; where the server is stopping it ends with it.</summary>
    internal async ValueTask EndAsync()
    {
        try
        {
            await DeleteAsync();
        }
        catch (ServingException)
        {
        }
    }

    /// <summary>A trace of something that is done with it; null: nobody listens.</summary>
    internal Activity? Activity(string name) => _host.Figures.Activities.StartActivity(name)?.SetTag("unroll.model", Model.Name);

    /// <summary>What its server takes on at most.</summary>
    internal ServingLimits Limits => _host.Limits;

    /// <summary>Holds it no more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _seat.Pin(-1);
    }

    /// <summary>Its row is written before this is over, where it is to be durable.</summary>
    internal async ValueTask SaveAsync() => await CallAsync<object?>(_ => null, default, saves: true);

    // Does something with the session, on its loop.
    private async ValueTask<T> CallAsync<T>(Func<Seat, T> call, CancellationToken stop, bool saves = false)
    {
        _host.RequireRunning();
        Request request = new(null) { Kind = RequestKind.Call, Seat = _seat, Stop = stop, Saves = saves, Call = seat => call(seat) };
        Model.Loop.Post(request);
        await request.Task;
        return (T)request.Result!;
    }

    private async ValueTask<SessionStatus> Changed(Action<Session> change, CancellationToken stop)
    {
        await CallAsync<object?>(seat =>
        {
            change(seat.Session);
            return null;
        }, stop, saves: true);
        return await StatusAsync(stop);
    }

    private void ThrowAnswer(int found) => throw new ServingException(Refusal.Invalid, AnswerSize == 0
        ? $"the model '{Model.Name}' has no steps of numbers; send its steps as JSON."
        : $"answer: expected room for {AnswerSize} numbers a step, got {found}.");

    private void ThrowCount(int found, int count) => throw new ServingException(Refusal.Invalid, count > _host.Limits.Steps
        ? $"steps: expected at most {_host.Limits.Steps}, got {count}; send fewer at once."
        : $"steps: expected {count} of one length, as the answer has room for, got {found} numbers.");
}
