using Unroll.Serving.Sessions;

namespace Unroll.Serving.Stores;

/// <summary>
/// Where sessions are written. A row has a version, and is written where the stored one is that which its owner wrote last: of two owners of a
/// session one is told so and lets it go.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
public interface ISessionStore
{
    /// <summary>A session; null: there is none.</summary>
    /// <param name="id">Its name.</param>
    /// <exception cref="IOException">The store is away.</exception>
    StoredSession? Read(SessionId id);

    /// <summary>Writes rows, all in one go; of each it is said whether it was written.</summary>
    /// <param name="rows">Of different sessions; their <see cref="SessionRow.Outcome"/> is set.</param>
    /// <exception cref="IOException">The store is away: none was written.</exception>
    void Write(IReadOnlyList<SessionRow> rows);
}

/// <summary>A session as a store has it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Model">The name of its model.</param>
/// <param name="Weights">The SHA-256 of the model's weights.</param>
/// <param name="Options">How it began.</param>
/// <param name="Version">The row's version, from 1.</param>
/// <param name="Snapshot">What it goes on from.</param>
/// <param name="Kept">The snapshots that it keeps, ascending.</param>
public sealed record StoredSession(
    SessionId Id, string Model, string Weights, SessionConfiguration Options, long Version, byte[] Snapshot, IReadOnlyList<KeptState> Kept);

/// <summary>What became of a row.</summary>
public enum RowOutcome
{
    /// <summary>It has not been written yet, or the store is away.</summary>
    Failed,

    /// <summary>It is on the disk.</summary>
    Written,

    /// <summary>The stored version is another one: the session has another owner.</summary>
    Taken,
}

/// <summary>A row to be written. It belongs to one session and is used again.</summary>
public sealed class SessionRow
{
    /// <summary>The session's name.</summary>
    public SessionId Id { get; set; }

    /// <summary>The name of its model.</summary>
    public string Model { get; set; } = "";

    /// <summary>The SHA-256 of the model's weights.</summary>
    public string Weights { get; set; } = "";

    /// <summary>How it began.</summary>
    public SessionConfiguration Options { get; set; } = new();

    /// <summary>The version that the stored row has to have; 0: there has to be none. The new one is one higher.</summary>
    public long Expected { get; set; }

    /// <summary>Steps taken.</summary>
    public long Position { get; set; }

    /// <summary>The snapshots that it keeps: all others are gone.</summary>
    public List<KeptState> Kept { get; } = [];

    /// <summary>From which position on the kept snapshots are others than those stored; <see cref="long.MaxValue"/>: all are the same.</summary>
    public long KeptFrom { get; set; }

    /// <summary>Whether the row is deleted instead, with its kept snapshots.</summary>
    public bool Deletes { get; set; }

    /// <summary>The snapshot.</summary>
    public ReadOnlyMemory<byte> Bytes => Snapshot.Memory;

    /// <summary>What became of it.</summary>
    public RowOutcome Outcome { get; set; }

    internal ByteBuffer Snapshot { get; } = new();

    /// <summary>Told when the row has an outcome, on the writer's thread.</summary>
    internal Action<SessionRow> Done { get; init; } = _ => { };
}
