using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unroll.Core;
using Unroll.Serving.Dispatch;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;

namespace Unroll.Serving;

/// <summary>
/// Models and their sessions in one process: sessions are begun, found, and held while they are used. What others build on: a web server, or the
/// actors of a cluster.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
/// <example><code>
/// await using SessionHost host = new();
/// host.Models.Load("tagger", "runs/tags/model.safetensors");
/// using SessionHandle session = await host.CreateAsync("", "tagger");
/// StepReply reply = await session.StepAsync(at: 0, steps);
/// </code></example>
public sealed class SessionHost : IAsyncDisposable
{
    private readonly ServingParts _parts;
    private readonly SessionTable _table;
    private readonly ISessionStore? _store;
    private readonly Timer _sweep;

    /// <summary>Begins.</summary>
    /// <param name="store">Where durable sessions are written; null: there are none.</param>
    /// <param name="limits">What is taken on at most; null: the defaults.</param>
    /// <param name="log">The log; null: none.</param>
    /// <exception cref="UserErrorException">A limit is out of its range.</exception>
    public SessionHost(ISessionStore? store = null, ServingLimits? limits = null, ILogger? log = null)
    {
        limits ??= new ServingLimits();
        limits.Check();
        log ??= NullLogger.Instance;
        _store = store;
        _parts = new ServingParts(limits, store is null ? null : new SessionWriter(store, log), log, new ServingFigures());
        Models = new ModelList(_parts);
        _table = new SessionTable(Models, store, _parts);
        TimeSpan often = TimeSpan.FromMilliseconds(Math.Clamp(limits.Idle.TotalMilliseconds / 4, 10, 30_000));
        _sweep = new Timer(_ => Sweep(), null, often, often);
    }

    /// <summary>The models.</summary>
    public ModelList Models { get; }

    /// <summary>What is counted.</summary>
    public ServingFigures Figures => _parts.Figures;

    /// <summary>What is taken on at most.</summary>
    public ServingLimits Limits => _parts.Limits;

    /// <summary>Who writes durable steps; null: there is no store.</summary>
    public SessionWriter? Writer => _parts.Writer;

    /// <summary>Sessions in memory.</summary>
    public int Sessions => _table.Count;

    /// <summary>Whether it takes requests.</summary>
    public bool Stopping => _parts.Stopping;

    /// <summary>Begins a session.</summary>
    /// <param name="owner">Whose it is: no other sees it.</param>
    /// <param name="model">The name of its model.</param>
    /// <param name="options">How it begins; null: the defaults.</param>
    /// <param name="name">What its owner calls it: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>; null: a new name.</param>
    /// <param name="snapshot">What it goes on from; null: from the beginning.</param>
    /// <returns>The session, held: dispose of it when it is not used any more; it goes on without.</returns>
    /// <exception cref="UserErrorException">An option or the snapshot is none of this model.</exception>
    /// <exception cref="ServingException">There is no such model, one of that name is there, or a limit is reached.</exception>
    public async ValueTask<SessionHandle> CreateAsync(
        string owner, string model, SessionConfiguration? options = null, string? name = null, byte[]? snapshot = null)
    {
        RequireRunning();
        options ??= new SessionConfiguration();
        RequireStore(options);
        SessionId id = NewId(owner, name);
        ServedModel served = Models.Take(model);
        Session session;
        try
        {
            session = new Session(id, served, options);
            if (snapshot is not null) session.Restore(snapshot);
        }
        catch
        {
            Models.Release(served);
            throw;
        }
        return await Saved(_table.Add(session));
    }

    /// <summary>A session that was begun before, perhaps by another process.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="name">What its owner calls it.</param>
    /// <returns>The session, held.</returns>
    /// <exception cref="ServingException">The owner has none of that name, its model is not loaded, or the store is away.</exception>
    public SessionHandle Open(string owner, string name)
    {
        RequireRunning();
        return new SessionHandle(this, _table.Find(new SessionId(owner, name)));
    }

    /// <summary>The sessions of an owner and a model that are in memory, as they are now, by name. To be looked at here is not to be used.</summary>
    /// <param name="owner">Whose they are.</param>
    /// <param name="model">The name of their model.</param>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<SessionGlance> SessionsOf(string owner, string model, int most = 200) =>
    [
        .. _table.All.Select(seat => seat.Session).Where(session => session.Id.Owner == owner && session.Model.Name == model)
            .OrderBy(session => session.Id.Name, StringComparer.Ordinal).Take(most)
            .Select(session => new SessionGlance(session.Id.Name, session.Model.Weights, session.Position, session.Durable, session.Options)),
    ];

    /// <summary>Takes no more requests, makes every later step durable, saves all sessions that are to be kept, and ends.</summary>
    /// <returns>How many of them could not be saved: the store is away.</returns>
    public async Task<int> StopAsync()
    {
        if (_parts.Stopping) return 0;
        _parts.Stopping = true;
        await _sweep.DisposeAsync();
        int lost = 0;
        foreach (Seat seat in _table.All)
            try
            {
                await Leave(seat);
            }
            catch (ServingException)
            {
                lost++;
            }
        await Task.Run(Models.Close);
        _parts.Writer?.Dispose();
        return lost;
    }

    /// <summary>Stops, and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        (_store as IDisposable)?.Dispose();
        _parts.Figures.Dispose();
    }

    internal void RequireRunning()
    {
        if (_parts.Stopping) throw Dispatcher.Stopping();
    }

    /// <summary>Seats a fork, which its loop has made.</summary>
    internal async ValueTask<SessionHandle> Seat(Session fork) => await Saved(_table.Add(fork));

    internal static SessionId NewId(string owner, string? name)
    {
        if (name is not null) ModelList.RequireName(name, "a session's name");
        return new SessionId(owner, name ?? Guid.NewGuid().ToString("N"));
    }

    // A session that is durable is in the store before anybody knows its name.
    private async ValueTask<SessionHandle> Saved(Seat seat)
    {
        SessionHandle handle = new(this, seat);
        try
        {
            if (seat.Session.Options.Durability.Every > 0) await handle.SaveAsync();
            return handle;
        }
        catch
        {
            await handle.DeleteAsync();                      // nobody knows it, and the same request may come again
            handle.Dispose();
            throw;
        }
    }

    private void RequireStore(SessionConfiguration options)
    {
        if (options.Durability.Every > 0 && _store is null)
            throw new ServingException(Refusal.Invalid,
                $"durability: this server has no store, so no step survives it; expected none, got {options.Durability}.");
    }

    private static async Task Leave(Seat seat)
    {
        Request request = new(null) { Kind = RequestKind.Leave, Seat = seat };
        seat.Session.Model.Loop.Post(request, always: true);
        await request.Task;
    }

    private void Sweep()
    {
        long now = Environment.TickCount64, idle = (long)_parts.Limits.Idle.TotalMilliseconds;
        foreach (Seat seat in _table.All)
            if (seat.Pins == 0 && now - seat.Used > idle) _ = Ended(seat);
    }

    private static async Task Ended(Seat seat)
    {
        try
        {
            await Leave(seat);
        }
        catch (ServingException)                             // it could not be saved, or is gone already: it stays until the next time
        {
        }
    }
}
