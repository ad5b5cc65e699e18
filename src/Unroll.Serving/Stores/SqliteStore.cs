using System.Text.Json;
using Microsoft.Data.Sqlite;
using Unroll.Core;
using Unroll.Serving.Sessions;

namespace Unroll.Serving.Stores;

/// <summary>Keeps sessions in a file of SQLite, with a write-ahead log; a commit is on the disk before it is answered.</summary>
public sealed class SqliteStore : ISessionStore, IDisposable
{
    private const int Layout = 1;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert, _update, _delete, _keep, _forget, _read;
    private readonly Lock _gate = new();

    /// <summary>Opens the file, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It cannot be opened, or is none of this version.</exception>
    public SqliteStore(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=OFF");
            RequireLayout(path);
            Run("""
                CREATE TABLE IF NOT EXISTS sessions(owner TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, model TEXT NOT NULL,
                    weights TEXT NOT NULL, options TEXT NOT NULL, position INTEGER NOT NULL, snapshot BLOB NOT NULL,
                    PRIMARY KEY(owner, name)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS kept(owner TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, state BLOB NOT NULL,
                    PRIMARY KEY(owner, name, position)) WITHOUT ROWID;
                """);
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw new UserErrorException($"'{path}' cannot be opened as a store of sessions: {e.Message.TrimEnd('.')}; give another file.", e);
        }
        _insert = Command("INSERT OR IGNORE INTO sessions VALUES($owner, $name, 1, $model, $weights, $options, $position, $snapshot)",
            "$owner", "$name", "$model", "$weights", "$options", "$position", "$snapshot");
        _update = Command("UPDATE sessions SET version = version + 1, position = $position, snapshot = $snapshot "
            + "WHERE owner = $owner AND name = $name AND version = $expected", "$owner", "$name", "$position", "$snapshot", "$expected");
        _delete = Command("DELETE FROM sessions WHERE owner = $owner AND name = $name AND version = $expected", "$owner", "$name", "$expected");
        _keep = Command("INSERT OR REPLACE INTO kept VALUES($owner, $name, $position, $state)", "$owner", "$name", "$position", "$state");
        _forget = Command("DELETE FROM kept WHERE owner = $owner AND name = $name AND (position >= $from OR position < $first)",
            "$owner", "$name", "$from", "$first");
        _read = Command("SELECT version, model, weights, options, snapshot FROM sessions WHERE owner = $owner AND name = $name", "$owner", "$name");
    }

    /// <inheritdoc/>
    public StoredSession? Read(SessionId id)
    {
        lock (_gate)
            try
            {
                Set(_read, id.Owner, id.Name);
                using SqliteDataReader row = _read.ExecuteReader();
                if (!row.Read()) return null;
                SessionConfiguration options = JsonRecord.Read(row.GetString(3), SessionConfiguration.Read);
                return new StoredSession(id, row.GetString(1), row.GetString(2), options, row.GetInt64(0), row.GetFieldValue<byte[]>(4), KeptOf(id));
            }
            catch (Exception e) when (e is SqliteException or JsonException or UserErrorException)
            {
                throw new IOException($"the store cannot be read: {e.Message}", e);
            }
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<SessionRow> rows)
    {
        lock (_gate)
            try
            {
                using SqliteTransaction together = _connection.BeginTransaction();
                foreach (SessionRow row in rows)
                {
                    row.Outcome = WriteRow(row, together) == 1 ? RowOutcome.Written : RowOutcome.Taken;
                    if (row.Outcome == RowOutcome.Written) WriteKept(row, together);
                }
                together.Commit();
            }
            catch (SqliteException e)
            {
                foreach (SessionRow row in rows) row.Outcome = RowOutcome.Failed;
                throw new IOException($"the store cannot be written: {e.Message}", e);
            }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (SqliteCommand command in new[] { _insert, _update, _delete, _keep, _forget, _read }) command.Dispose();
            _connection.Dispose();
        }
    }

    private int WriteRow(SessionRow row, SqliteTransaction together)
    {
        SqliteCommand command = row.Deletes ? _delete : row.Expected == 0 ? _insert : _update;
        command.Transaction = together;
        if (row.Deletes) Set(command, row.Id.Owner, row.Id.Name, row.Expected);
        else if (row.Expected > 0) Set(command, row.Id.Owner, row.Id.Name, row.Position, row.Bytes.ToArray(), row.Expected);
        else Set(command, row.Id.Owner, row.Id.Name, row.Model, row.Weights, row.Options.ToJson(), row.Position, row.Bytes.ToArray());
        return command.ExecuteNonQuery();
    }

    // Only what is new is written; what is older than the oldest, or was replaced, goes.
    private void WriteKept(SessionRow row, SqliteTransaction together)
    {
        if (row.KeptFrom == long.MaxValue) return;
        _keep.Transaction = _forget.Transaction = together;
        Set(_forget, row.Id.Owner, row.Id.Name, row.KeptFrom, row.Kept.Count > 0 ? row.Kept[0].Position : 0);
        _forget.ExecuteNonQuery();
        foreach (KeptState one in row.Kept)
        {
            if (one.Position < row.KeptFrom) continue;
            Set(_keep, row.Id.Owner, row.Id.Name, one.Position, one.State);
            _keep.ExecuteNonQuery();
        }
    }

    private List<KeptState> KeptOf(SessionId id)
    {
        using SqliteCommand command = Command(
            "SELECT position, state FROM kept WHERE owner = $owner AND name = $name ORDER BY position", "$owner", "$name");
        Set(command, id.Owner, id.Name);
        using SqliteDataReader reader = command.ExecuteReader();
        List<KeptState> kept = [];
        while (reader.Read()) kept.Add(new KeptState(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        return kept;
    }

    private void RequireLayout(string path)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        long found = (long)command.ExecuteScalar()!;
        command.CommandText = "SELECT count(*) FROM sqlite_master";
        bool empty = (long)command.ExecuteScalar()! == 0;
        if (found != Layout && !(found == 0 && empty))
            throw new UserErrorException($"'{path}' is no store of sessions of this version (layout {found}, expected {Layout}); give another file.");
        Run($"PRAGMA user_version={Layout}");
    }

    private void Run(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }
}
