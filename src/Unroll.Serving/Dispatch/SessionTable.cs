using Unroll.Serving.Models;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;

namespace Unroll.Serving.Dispatch;

/// <summary>The sessions in memory, by owner and name. What is in the store comes into memory when it is asked for.</summary>
internal sealed class SessionTable(ModelList models, ISessionStore? store, ServingParts parts)
{
    private readonly Dictionary<SessionId, Seat> _seats = [];
    private readonly Lock _gate = new(), _reading = new();

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _seats.Count;
        }
    }

    /// <summary>All, as they are now.</summary>
    public Seat[] All
    {
        get
        {
            lock (_gate) return [.. _seats.Values];
        }
    }

    /// <summary>Seats a new session, held once; whoever gave it has counted it at its model.</summary>
    /// <exception cref="ServingException">There is one of that name, or there are too many.</exception>
    public Seat Add(Session session)
    {
        try
        {
            lock (_gate)
            {
                if (_seats.ContainsKey(session.Id)) throw Exists(session.Id);
                RequireRoom();
            }
            if (session.Version == 0 && store?.Read(session.Id) is not null) throw Exists(session.Id);
            return Put(session);
        }
        catch (Exception e)
        {
            models.Release(session.Model);
            if (e is IOException) throw Away(e);
            throw;
        }
    }

    /// <summary>A session, held once more until <see cref="Seat.Pin"/> gives it back.</summary>
    /// <exception cref="ServingException">There is none, its model is not loaded, or the store is away.</exception>
    public Seat Find(SessionId id)
    {
        lock (_gate)
            if (_seats.TryGetValue(id, out Seat? seat)) return Held(seat);
        if (store is null) throw NotFound(id);
        lock (_reading)                                      // two who ask for it get the same
        {
            lock (_gate)
                if (_seats.TryGetValue(id, out Seat? seat)) return Held(seat);
            StoredSession stored;
            try
            {
                stored = store.Read(id) ?? throw NotFound(id);
            }
            catch (IOException e)
            {
                throw Away(e);
            }
            lock (_gate) RequireRoom();
            ServedModel model = models.Take(stored.Model, stored.Weights);
            try
            {
                return Put(Session.Open(stored, model));
            }
            catch
            {
                models.Release(model);
                throw;
            }
        }
    }

    /// <summary>Takes a seat out that nobody holds.</summary>
    public bool RemoveIfFree(Seat seat)
    {
        lock (_gate) return seat.Pins == 0 && _seats.Remove(seat.Session.Id);
    }

    /// <summary>Takes a seat out, if it is in; its model has a session less.</summary>
    public void Remove(Seat seat)
    {
        lock (_gate)
            if (_seats.TryGetValue(seat.Session.Id, out Seat? there) && there == seat) _seats.Remove(seat.Session.Id);
        models.Release(seat.Session.Model);
    }

    private Seat Put(Session session)
    {
        lock (_gate)
        {
            RequireRoom();
            Seat seat = new(session, this);
            if (!_seats.TryAdd(session.Id, seat)) throw Exists(session.Id);
            return Held(seat);
        }
    }

    private static Seat Held(Seat seat)
    {
        seat.Pin(1);
        return seat;
    }

    private void RequireRoom()
    {
        if (_seats.Count >= parts.Limits.Sessions)
            throw new ServingException(Refusal.TooMany, $"there are {_seats.Count} sessions, as many as may be; end some, or come again later.");
    }

    private static ServingException Exists(SessionId id) =>
        new(Refusal.Conflict, $"there is a session '{id.Name}' already; take another name, or go on with it.");

    private static ServingException NotFound(SessionId id) => new(Refusal.NotFound, $"there is no session '{id.Name}'.");

    private static ServingException Away(Exception e) =>
        new(Refusal.Away, "the store of sessions is away; send the same again later.", e);
}
