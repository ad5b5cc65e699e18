using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Unroll.Serving.Stores;

/// <summary>
/// The one who writes rows: those of many sessions in one commit, at most <see cref="MostRows"/>. It waits for company for <see cref="Patience"/> at
/// most, and only where the commit before had some.
/// </summary>
public sealed class SessionWriter : IDisposable
{
    /// <summary>The most rows of a commit.</summary>
    public const int MostRows = 128;

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(2);
    private readonly ISessionStore _store;
    private readonly ILogger _log;
    private readonly Queue<SessionRow> _waiting = [];
    private readonly Thread _thread;
    private volatile bool _away;
    private bool _closed;
    private long _commits, _rows, _failures;

    /// <summary>Begins.</summary>
    /// <param name="store">Where rows go.</param>
    /// <param name="log">Told where the store is away.</param>
    public SessionWriter(ISessionStore store, ILogger log)
    {
        (_store, _log) = (store, log);
        _thread = new Thread(Run) { IsBackground = true, Name = "Unroll sessions: writer" };
        _thread.Start();
    }

    /// <summary>How long it waits for more rows.</summary>
    public static TimeSpan Patience => s_patience;

    /// <summary>Commits so far.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Rows written so far.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Commits that failed.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Whether the last commit failed.</summary>
    public bool IsAway => _away;

    /// <summary>Takes a row; its owner is told what became of it, on the writer's thread.</summary>
    internal void Add(SessionRow row)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(row);
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _closed = true;
            Monitor.Pulse(_waiting);
        }
        _thread.Join();
    }

    private void Run()
    {
        List<SessionRow> rows = [];
        while (Gather(rows))
        {
            try
            {
                _store.Write(rows);
                Interlocked.Add(ref _rows, rows.Count);
                _away = false;
            }
            catch (Exception e)                              // whatever a store throws, its rows were not written, and their owners have to know
            {
                foreach (SessionRow row in rows) row.Outcome = RowOutcome.Failed;
                Interlocked.Increment(ref _failures);
                _away = true;
                ServingLog.StoreAway(_log, rows.Count, e);
            }
            Interlocked.Increment(ref _commits);
            foreach (SessionRow row in rows) row.Done(row);
        }
    }

    // What waits, and what comes while it is worth waiting: as many rows as last time, for some time.
    private bool Gather(List<SessionRow> rows)
    {
        int expected = Math.Min(rows.Count, MostRows);
        rows.Clear();
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_closed) return false;
                Monitor.Wait(_waiting);
            }
            long begun = Stopwatch.GetTimestamp();
            while (_waiting.Count < expected && !_closed && s_patience - Stopwatch.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
                Monitor.Wait(_waiting, left);
            while (rows.Count < MostRows && _waiting.TryDequeue(out SessionRow? row)) rows.Add(row);
        }
        return true;
    }
}
