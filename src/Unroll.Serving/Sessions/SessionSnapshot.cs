using System.Buffers.Binary;
using System.Text;
using Unroll.Core;

namespace Unroll.Serving.Sessions;

//  "UNRS" · version · weights · position · at · hash of the input · numbers? · answer · task's state · checksum of all before, little-endian

/// <summary>What a snapshot of a session says, read from its bytes.</summary>
/// <param name="Weights">The SHA-256 of the weights that it belongs to.</param>
/// <param name="Position">Steps taken.</param>
/// <param name="Last">The last request, and its answer whole.</param>
/// <param name="State">The task's own state.</param>
public sealed record SessionSnapshot(string Weights, long Position, LastAnswer Last, byte[] State)
{
    private const uint Mark = 0x53524E55;                    // "UNRS"
    private const int Version = 1, ChecksumSize = 8;

    /// <summary>Writes a snapshot.</summary>
    internal static void Write(ByteBuffer bytes, BinaryWriter writer, string weights, long position, in LastAnswer last, SessionStateWriter state)
    {
        bytes.Clear();
        writer.Write(Mark);
        writer.Write(Version);
        writer.Write(weights);
        writer.Write(position);
        writer.Write(last.At);
        writer.Write(last.Input);
        writer.Write(last.Numbers);
        writer.Write(last.Answer.Length);
        writer.Write(last.Answer.Span);
        writer.Flush();
        int before = bytes.Written.Length;
        writer.Write(0);
        state(writer);
        writer.Flush();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.At(before), bytes.Written.Length - before - sizeof(int));
        writer.Write(Fnv.Of(bytes.Written));
        writer.Flush();
    }

    /// <summary>Reads a snapshot.</summary>
    /// <param name="bytes">What a session wrote.</param>
    /// <exception cref="UserErrorException">It is no snapshot, damaged or cut short, or of another version.</exception>
    public static SessionSnapshot Read(byte[] bytes)
    {
        if (bytes.Length < 2 * sizeof(int) + ChecksumSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Mark)
            throw new UserErrorException("the snapshot is none: it does not begin as one; send the bytes that a session's snapshot had.");
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(sizeof(int))) is var version && version != Version)
            throw new UserErrorException($"the snapshot has version {version}, expected {Version}; take one again.");
        ReadOnlySpan<byte> sealedBytes = bytes.AsSpan(0, bytes.Length - ChecksumSize);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(sealedBytes.Length)) != Fnv.Of(sealedBytes)) throw Damaged();
        try
        {
            using BinaryReader reader = new(new MemoryStream(bytes, 0, sealedBytes.Length), Encoding.UTF8);
            reader.ReadInt64();                              // mark and version
            string weights = reader.ReadString();
            long position = reader.ReadInt64(), at = reader.ReadInt64();
            ulong input = reader.ReadUInt64();
            bool numbers = reader.ReadBoolean();
            byte[] answer = Bytes(reader), state = Bytes(reader);
            if (reader.BaseStream.Position != sealedBytes.Length || position < 0 || at >= position && at != LastAnswer.None.At) throw Damaged();
            return new SessionSnapshot(weights, position, new LastAnswer(at, input, numbers, answer), state);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or FormatException or ArgumentException)
        {
            throw Damaged(e);
        }
    }

    private static byte[] Bytes(BinaryReader reader)
    {
        int length = reader.ReadInt32();
        return length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position ? throw Damaged() : reader.ReadBytes(length);
    }

    private static UserErrorException Damaged(Exception? inner = null) =>
        new("the snapshot is damaged or cut short; take one again.", inner);
}

/// <summary>The last request of a session and its answer.</summary>
/// <param name="At">The position that it was for; −1: there was none.</param>
/// <param name="Input">A hash of the steps that it brought.</param>
/// <param name="Numbers">Whether answers are numbers in single precision; else JSON.</param>
/// <param name="Answer">The answers to all of its steps: a JSON list, or their numbers one after the other.</param>
public readonly record struct LastAnswer(long At, ulong Input, bool Numbers, ReadOnlyMemory<byte> Answer)
{
    /// <summary>There was no request.</summary>
    public static LastAnswer None => new(-1, 0, false, default);
}

/// <summary>Writes a task's own state.</summary>
internal delegate void SessionStateWriter(BinaryWriter writer);

/// <summary>The hash FNV-1a of 64 bits (Fowler, Noll, Vo): against mistakes, not against malice.</summary>
internal static class Fnv
{
    private const ulong Basis = 14695981039346656037, Prime = 1099511628211;

    /// <summary>The hash of some bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Basis;
        foreach (byte one in bytes) hash = (hash ^ one) * Prime;
        return hash;
    }
}
