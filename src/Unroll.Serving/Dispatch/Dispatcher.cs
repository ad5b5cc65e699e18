using System.Text.Json;
using Unroll.Core;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;

namespace Unroll.Serving.Dispatch;

//  take what has come;  begin its steps;  one row of every session that is ready, the networks once, the outputs back;  again

/// <summary>
/// The loop that owns all sessions of a model: nothing else touches one. Sessions that are ready step at once; each gets the bits that it gets alone.
/// </summary>
/// <remarks>
/// It has no thread of its own: where something has come it is a work item of the pool, one at a time, behind those that are about to bring more.
/// Waking a thread for it costs more than the steps of a small network.
/// </remarks>
internal sealed class Dispatcher : IThreadPoolWorkItem
{
    private const int LongestTurn = 1;                       // milliseconds, after which the pool's other work has its turn

    private readonly ServedModel _model;
    private readonly ServingParts _parts;
    private readonly Inbox _inbox;
    private readonly Queue<Request> _active = [];
    private readonly Replies _replies = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null);
    private Rounds? _rounds;

    public Dispatcher(ServedModel model, ServingParts parts) => (_model, _parts, _inbox) = (model, parts, new Inbox(parts.Limits.Queue, this));

    /// <summary>Requests that are not in use.</summary>
    public RequestPool Pool { get; } = new();

    /// <summary>Requests that have not been answered.</summary>
    public int Open => _inbox.Open;

    /// <summary>Takes a request.</summary>
    /// <param name="request">Its reply comes from the loop.</param>
    /// <param name="always">Whether it is taken however many wait.</param>
    /// <exception cref="ServingException">Too many wait, or the loop has ended.</exception>
    public void Post(Request request, bool always = false)
    {
        if (!_inbox.Add(request, always))
            throw _inbox.Closed ? Stopping() : new ServingException(Refusal.TooMany,
                $"{_inbox.Open} requests wait for the model '{_model.Name}', as many as may; come again later.");
    }

    /// <summary>A seat's row has an outcome.</summary>
    public void Written(Seat seat) => _inbox.Add(seat);

    /// <summary>Ends after what has come.</summary>
    public void Close() => _inbox.Close();

    /// <summary>Waits until it has ended.</summary>
    public void Join() => _inbox.Join();

    // A turn: what has come, and a round for every row of it. What comes meanwhile waits for the next turn, and so for company.
    void IThreadPoolWorkItem.Execute()
    {
        long end = Environment.TickCount64 + LongestTurn;
        _inbox.Take(out List<Request> requests, out List<Seat> written);
        foreach (Seat seat in written) Saved(seat);
        foreach (Request request in requests) Accept(request);
        while (_active.Count > 0 && Environment.TickCount64 <= end)
        {
            (_rounds ??= new Rounds(_model.Model, _parts.Limits.Batch)).Run(_active, this, _parts.Figures);
            _replies.Send();
        }
        _replies.Send();
        _inbox.Rest(busy: _active.Count > 0);
    }

    private void Accept(Request request)
    {
        if (request.Seat.Current is null) Start(request);
        else (request.Seat.Waiting ??= new Queue<Request>()).Enqueue(request);
    }

    private void Start(Request request)
    {
        Seat seat = request.Seat;
        seat.Current = request;
        seat.Used = Environment.TickCount64;
        try
        {
            if (seat.Gone) throw NotFound(seat);
            request.Stop.ThrowIfCancellationRequested();
            switch (request.Kind)
            {
                case RequestKind.Steps: Steps(request); break;
                case RequestKind.Call:
                    request.Result = request.Call!(seat);
                    if (request.Saves) Finish(request);
                    else Reply(request);
                    break;
                case RequestKind.Delete when seat.Session.Version > 0:
                    seat.Session.FillRow(seat.Row);
                    (seat.Row.Deletes, seat.Row.KeptFrom) = (true, 0);
                    Write(seat);
                    break;
                case RequestKind.Leave when seat.Session.Unsaved && _parts.Writer is not null:
                    seat.Session.FillRow(seat.Row);
                    Write(seat);
                    break;
                default:
                    Reply(request);
                    break;
            }
        }
        catch (Exception e)                                  // it is the caller's to see; the loop goes on
        {
            Fail(request, e);
        }
    }

    private void Steps(Request request)
    {
        Session session = request.Seat.Session;
        if (request.At == SessionHandle.Here) request.At = session.Position;
        request.Repeats = !session.Admit(request.At, request.Input);
        if (request.Repeats)                                 // one that could not be saved is saved now
        {
            session.RequireAnswer(request.InNumbers, request.Answer.Length);
            _parts.Figures.Repeated();
            Finish(request);
            return;
        }
        session.Open(request.Undoable);
        request.Taken = 0;
        try
        {
            Begin(request);
        }
        catch
        {
            session.Rollback();
            throw;
        }
        _active.Enqueue(request);
    }

    private static void Begin(Request request)
    {
        try
        {
            if (request.Steps is { } steps) request.Seat.Session.Begin(steps[request.Taken]);
            else request.Seat.Session.Begin(request.Step);
        }
        catch (UserErrorException e) when (request.Count > 1 && e is not ServingException)
        {
            throw new ServingException(Refusal.Invalid, $"steps[{request.Taken}]: {e.Message.TrimEnd('.')}; none of the steps was taken.", e);
        }
    }

    /// <summary>Goes on to the next row that the networks are to look at.</summary>
    /// <param name="request">A request that is being taken.</param>
    /// <param name="x">[input size], overwritten where there is a row.</param>
    /// <returns>Whether there is one; if not, the request is over.</returns>
    internal bool Next(Request request, Span<float> x)
    {
        Session session = request.Seat.Session;
        try
        {
            while (true)
            {
                if (request.Undoable) request.Stop.ThrowIfCancellationRequested();
                if (session.Next(x)) return true;
                session.Stepped(request.InNumbers ? null : _json, request.Said);
                if (session.AnswerBytes > _parts.Limits.AnswerBytes)
                    throw new ServingException(Refusal.Invalid,
                        $"the answer is longer than {_parts.Limits.AnswerBytes} bytes, as long as one may be; nothing was taken, send fewer.");
                if (++request.Taken == request.Count) break;
                Begin(request);
            }
            session.Commit(request.Input, request.InNumbers);
            _parts.Figures.Stepped(request.Count);
            Finish(request);
        }
        catch (Exception e)
        {
            session.Rollback();
            Fail(request, e);
        }
        return false;
    }

    // What must be durable is answered when it is.
    private void Finish(Request request)
    {
        Seat seat = request.Seat;
        if (!seat.Session.MustSave && !(_parts.Stopping && seat.Session.Unsaved))
        {
            Reply(request);
            return;
        }
        seat.Session.FillRow(seat.Row);
        Write(seat);
    }

    private void Write(Seat seat)
    {
        seat.Row.Outcome = RowOutcome.Failed;
        (_parts.Writer ?? throw new InvalidOperationException("a durable session without a store")).Add(seat.Row);
    }

    private void Saved(Seat seat)
    {
        Request request = seat.Current!;
        switch (seat.Row.Outcome)
        {
            case RowOutcome.Written:
                if (!seat.Row.Deletes) seat.Session.Saved(seat.Row.Expected + 1, seat.Row.Position);
                Reply(request);
                break;
            case RowOutcome.Taken:
                ServingLog.Taken(_parts.Log, _model.Name);
                Leave(seat);
                Fail(request, new ServingException(Refusal.Conflict,
                    $"the session '{seat.Session.Id.Name}' has gone on elsewhere since this server wrote it; ask where it stands."));
                break;
            default:
                Fail(request, new ServingException(Refusal.Away,
                    "the store is away: what was asked is done and not saved; send the same again, it is then saved and not done twice.")
                {
                    Position = seat.Session.Position,
                });
                break;
        }
    }

    private void Reply(Request request)
    {
        Seat seat = request.Seat;
        Session session = seat.Session;
        if (request.Kind == RequestKind.Delete || request.Kind == RequestKind.Leave && seat.MayLeave()) Leave(seat);
        ReadOnlyMemory<byte> answers = default;
        if (request.Kind == RequestKind.Steps)
        {
            LastAnswer last = session.Last;
            if (last.Numbers) System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(last.Answer.Span).CopyTo(request.Answer.Span);
            else answers = last.Answer.ToArray();
        }
        _inbox.Answered();
        request.Reply(new StepReply(request.At, session.Position, session.Durable, request.Repeats, answers));
        _replies.Add(request);
        Free(seat);
    }

    private void Fail(Request request, Exception problem)
    {
        if (problem is not (UserErrorException or OperationCanceledException) && request.Seat.Session.IsForeign)
            problem = new ServingException(Refusal.Conflict,
                "the session cannot take this step: the snapshot that it goes on from is no state of this model; restore another.", problem);
        if (problem is UserErrorException) _parts.Figures.Refuse();
        else if (problem is not OperationCanceledException) ServingLog.StepFailed(_parts.Log, problem);
        _inbox.Answered();
        Seat seat = request.Seat;
        request.Fail(problem);
        _replies.Add(request);
        Free(seat);
    }

    private void Free(Seat seat)
    {
        seat.Current = null;
        if (seat.Draining || seat.Waiting is not { Count: > 0 } waiting) return;
        seat.Draining = true;
        while (seat.Current is null && waiting.TryDequeue(out Request? next)) Start(next);
        seat.Draining = false;
    }

    private static void Leave(Seat seat)
    {
        if (seat.Gone) return;
        seat.Gone = true;
        seat.Left();
    }

    /// <summary>The server takes no requests any more.</summary>
    internal static ServingException Stopping() =>
        new(Refusal.Away, "the server is stopping; send the same to it, or to another one, when it is back.");

    private static ServingException NotFound(Seat seat) =>
        new(Refusal.NotFound, $"there is no session '{seat.Session.Id.Name}'; it has ended.");
}
