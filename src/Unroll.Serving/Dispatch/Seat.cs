using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;

namespace Unroll.Serving.Dispatch;

/// <summary>A session's place at its loop: what only the loop touches, but for the pins.</summary>
internal sealed class Seat
{
    private int _pins;
    private long _used = Environment.TickCount64;

    private readonly SessionTable _table;

    /// <summary>Seats a session.</summary>
    public Seat(Session session, SessionTable table)
    {
        (Session, _table) = (session, table);
        Row = new SessionRow { Done = _ => session.Model.Loop.Written(this) };
    }

    /// <summary>The session.</summary>
    public Session Session { get; }

    /// <summary>What the store is to write of it.</summary>
    public SessionRow Row { get; }

    /// <summary>The request that it is busy with.</summary>
    public Request? Current { get; set; }

    /// <summary>Requests that came meanwhile.</summary>
    public Queue<Request>? Waiting { get; set; }

    /// <summary>Whether those are being taken.</summary>
    public bool Draining { get; set; }

    /// <summary>Whether it has left memory.</summary>
    public bool Gone { get; set; }

    /// <summary>Those who hold it: while there are some it stays in memory.</summary>
    public int Pins => Volatile.Read(ref _pins);

    /// <summary>When it was last asked anything, in milliseconds of the process's clock.</summary>
    public long Used { get => Volatile.Read(ref _used); set => Volatile.Write(ref _used, value); }

    /// <summary>Takes it out of the table, unless somebody holds it or waits for it.</summary>
    /// <returns>Whether it is out.</returns>
    public bool MayLeave() => Waiting is not { Count: > 0 } && _table.RemoveIfFree(this);

    /// <summary>It is gone: the table and its model know it no more.</summary>
    public void Left() => _table.Remove(this);

    /// <summary>One more, or less, holds it.</summary>
    public void Pin(int by) => Interlocked.Add(ref _pins, by);
}
