using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;
using Unroll.Layers;

namespace Unroll.Tasks.Shared;

/// <summary>What a session keeps beside the network's state, such as the last rows or the place of a sampler.</summary>
public interface ISessionPart
{
    /// <summary>Writes it.</summary>
    void Save(BinaryWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    void Load(BinaryReader reader);
}

/// <summary>The state of a session: the network's state, the position, and whatever else the task keeps.</summary>
/// <param name="weights">The SHA-256 of the model's weights: a snapshot belongs to them alone.</param>
/// <param name="network">The network's state; null: the task keeps all of it in its parts.</param>
/// <param name="parts">What else is kept.</param>
public sealed class SessionState(string weights, State? network, params IReadOnlyList<ISessionPart> parts)
{
    private const int Version = 1;
    private readonly List<(long Position, byte[] Snapshot)> _kept = [];

    /// <summary>Steps taken.</summary>
    public long Position { get; private set; }

    /// <summary>A snapshot is kept every so many steps, for <see cref="Rewind"/>; 0: none.</summary>
    public int KeepEvery { get; set => field = Math.Max(0, value); }

    /// <summary>How many snapshots are kept: the last ones.</summary>
    public int KeepLast { get; set => field = Math.Max(1, value); } = 16;

    /// <summary>The positions that <see cref="Rewind"/> can go back to, ascending.</summary>
    public IReadOnlyList<long> Kept => [.. _kept.Select(one => one.Position)];

    /// <summary>
    /// The state as bytes: the weights' hash, the position, the network's state and the parts. The same state gives the same bytes.
    /// </summary>
    public byte[] Snapshot()
    {
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes, Encoding.UTF8, leaveOpen: true)) Save(writer);
        return bytes.ToArray();
    }

    /// <summary>Writes what <see cref="Snapshot"/> returns.</summary>
    /// <param name="writer">Of UTF-8.</param>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Version);
        writer.Write(weights);
        writer.Write(Position);
        if (network is not null) Save(writer, network);
        foreach (ISessionPart part in parts) part.Save(writer);
    }

    /// <summary>Returns to a snapshot of this session or of another one of the same model.</summary>
    /// <exception cref="UserErrorException">It is not a snapshot, or one of other weights; the session stays as it was.</exception>
    public void Restore(byte[] snapshot)
    {
        byte[] before = Snapshot();
        try
        {
            Load(snapshot);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or FormatException or ArgumentException or UserErrorException)
        {
            Load(before);
            throw e as UserErrorException ?? new UserErrorException("the snapshot is damaged or cut short; take one again.", e);
        }
        _kept.RemoveAll(one => one.Position > Position);
    }

    /// <summary>Returns to a position for which a snapshot is kept.</summary>
    /// <exception cref="UserErrorException">None is kept for it; names those that are.</exception>
    public void Rewind(long position)
    {
        int at = _kept.FindIndex(one => one.Position == position);
        if (at < 0)
            throw new UserErrorException($"rewind: there is no snapshot of position {position}; expected one of " +
                $"{(_kept.Count == 0 ? "none, because none was kept" : string.Join(", ", Kept))}.");
        Restore(_kept[at].Snapshot);
    }

    /// <summary>Called by the session after each step.</summary>
    public void Stepped(int steps = 1)
    {
        long before = Position;
        Position += steps;
        if (KeepEvery == 0 || before / KeepEvery == Position / KeepEvery) return;
        _kept.Add((Position, Snapshot()));
        if (_kept.Count > KeepLast) _kept.RemoveAt(0);
    }

    private void Load(byte[] snapshot)
    {
        using BinaryReader reader = new(new MemoryStream(snapshot), Encoding.UTF8);
        if (reader.ReadInt32() is var version && version != Version)
            throw new UserErrorException($"the snapshot has version {version}, expected {Version}; take one again.");
        if (reader.ReadString() is var own && own != weights)
            throw new UserErrorException("the snapshot is of a model with other weights; restore it with the model that it was taken from.");
        long position = reader.ReadInt64();
        if (network is not null) Load(reader, network);
        foreach (ISessionPart part in parts) part.Load(reader);
        if (reader.BaseStream.Position != snapshot.Length) throw new UserErrorException("the snapshot is longer than this model's; take one again.");
        Position = position;
    }

    private static void Save(BinaryWriter writer, State state)
    {
        Save(writer, state.H);
        Save(writer, state.C);
        foreach (State child in state.Children) Save(writer, child);
    }

    // Little-endian, as the format is, in one piece where the machine is too.
    private static void Save(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian) writer.Write(MemoryMarshal.AsBytes(values));
        else
            foreach (float value in values) writer.Write(value);
    }

    private static void Load(BinaryReader reader, State state)
    {
        for (int i = 0; i < state.H.Length; i++) state.H[i] = reader.ReadSingle();
        for (int i = 0; i < state.C.Length; i++) state.C[i] = reader.ReadSingle();
        foreach (State child in state.Children) Load(reader, child);
    }
}
