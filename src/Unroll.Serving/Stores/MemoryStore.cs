using Unroll.Serving.Sessions;

namespace Unroll.Serving.Stores;

/// <summary>Keeps sessions in memory: for tests, and for programs whose sessions need not survive them.</summary>
public sealed class MemoryStore : ISessionStore
{
    private readonly Dictionary<SessionId, StoredSession> _rows = [];
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public StoredSession? Read(SessionId id)
    {
        lock (_gate) return _rows.GetValueOrDefault(id);
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<SessionRow> rows)
    {
        lock (_gate)
            foreach (SessionRow row in rows)
            {
                long version = _rows.TryGetValue(row.Id, out StoredSession? stored) ? stored.Version : 0;
                row.Outcome = version == row.Expected ? RowOutcome.Written : RowOutcome.Taken;
                if (row.Outcome == RowOutcome.Taken) continue;
                if (row.Deletes) _rows.Remove(row.Id);
                else _rows[row.Id] = new StoredSession(row.Id, row.Model, row.Weights, row.Options, version + 1, row.Bytes.ToArray(), [.. row.Kept]);
            }
    }
}
