using System.Buffers.Binary;
using System.Text;
using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>The bytes of an HDF5 file: every reach into them is checked, and what lies outside is a user error with the place.</summary>
/// <param name="bytes">The whole file.</param>
/// <param name="name">Its name in errors.</param>
internal sealed class H5Bytes(ReadOnlyMemory<byte> bytes, string name)
{
    /// <summary>What stands where there is no address: all ones.</summary>
    public const ulong Nowhere = ulong.MaxValue;

    /// <summary>The file's name in errors.</summary>
    public string Name => name;

    /// <summary>Bytes of the file.</summary>
    public long Length => bytes.Length;

    /// <summary>A stretch of the file.</summary>
    /// <param name="at">Its first byte.</param>
    /// <param name="count">Its bytes.</param>
    /// <param name="what">What lies there, in errors.</param>
    public ReadOnlySpan<byte> Slice(ulong at, ulong count, string what)
    {
        if (at > (ulong)bytes.Length || count > (ulong)bytes.Length - at)
            throw Damaged($"{what} would lie at byte {at} with {count} bytes, and the file has {bytes.Length}");
        return bytes.Span.Slice((int)at, (int)count);
    }

    /// <summary>A place to read on from.</summary>
    /// <param name="at">The first byte.</param>
    /// <param name="what">What lies there, in errors.</param>
    public H5Cursor At(ulong at, string what)
    {
        if (at > (ulong)bytes.Length) throw Damaged($"{what} would lie at byte {at}, and the file has {bytes.Length}");
        return new H5Cursor(bytes.Span[(int)at..], what, this);
    }

    /// <summary>The error that the file is not sound.</summary>
    public UserErrorException Damaged(string why) => new($"'{name}' is a damaged HDF5 file: {why}; fetch or save it again.");

    /// <summary>The error that the file has what is not read.</summary>
    public UserErrorException Refused(string what, string todo) => new($"'{name}': {what}; {todo}.");
}

/// <summary>Reads one number after another, little-endian.</summary>
internal ref struct H5Cursor(ReadOnlySpan<byte> rest, string what, H5Bytes file)
{
    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>Bytes that have been taken.</summary>
    public int Taken { get; private set; }

    /// <summary>Bytes that are left.</summary>
    public readonly int Left => _rest.Length;

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length) throw file.Damaged($"{what} ends {(long)count - _rest.Length} bytes too early");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        Taken += count;
        return taken;
    }

    public void Skip(int count) => Take(count);

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A number of 1, 2, 4 or 8 bytes.</summary>
    public ulong Number(int bytes) => bytes switch { 1 => U8(), 2 => U16(), 4 => U32(), _ => U64() };

    /// <summary>Four letters that a structure begins with.</summary>
    public void Require(ReadOnlySpan<byte> letters)
    {
        if (!Take(letters.Length).SequenceEqual(letters))
            throw file.Damaged($"{what} does not begin with the letters {Encoding.ASCII.GetString(letters)}");
    }

    /// <summary>A version that is read.</summary>
    public byte Version(byte least, byte most) => U8() is var version && version >= least && version <= most
        ? version : throw file.Damaged($"{what} has the version {version}, and versions {least} to {most} are read");

    /// <summary>Text up to a zero byte, or to the end.</summary>
    public string Text()
    {
        int end = _rest.IndexOf((byte)0);
        if (end < 0) throw file.Damaged($"{what} has a name without an end");
        string text = H5Text.Of(Take(end));
        Skip(1);
        return text;
    }

    /// <summary>Passes over what fills up to a multiple of eight bytes from the first one.</summary>
    public void Align(int from) => Skip((8 - (Taken - from) % 8) % 8);
}

/// <summary>Text in HDF5 files.</summary>
internal static class H5Text
{
    /// <summary>Text in UTF-8; what is none becomes U+FFFD.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
