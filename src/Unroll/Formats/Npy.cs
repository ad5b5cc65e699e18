using System.Buffers.Binary;
using System.Text;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Formats;

/// <summary>Reads NumPy's <c>.npy</c> arrays of plain numbers, of either byte order and in C or Fortran order; writes what a tensor holds.</summary>
/// <remarks>Specification: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0, 2.0 and 3.0.</remarks>
public static class Npy
{
    private const int LongestHeader = 1 << 20;

    // The first byte is none of any text, so that a text file is never taken for an array.
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>
    /// Reads an array; the tensor takes the file's name without folder and ending, and is in C order. Floats of 2 bytes become F32, integers of 2
    /// bytes I32, unsigned ones of 4 and 8 bytes I64, truth values U8.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="nonFinite">Whether NaN and infinity pass.</param>
    /// <exception cref="UserErrorException">There is no such file, or it is not such an array from its first byte to its last.</exception>
    public static Tensor Read(string path, NonFinite nonFinite = NonFinite.Refused)
    {
        FileErrors.RequireName(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return Read(stream.CanSeek ? stream : new MemoryStream(InputFile.Bytes(stream, path)), path, nonFinite);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }

    /// <summary>Reads an array from a stream, to its end.</summary>
    /// <param name="stream">A stream that knows its length, at the file's first byte.</param>
    /// <param name="name">The name of the file in errors.</param>
    /// <param name="nonFinite">Whether NaN and infinity pass.</param>
    /// <exception cref="UserErrorException">The bytes are not such an array.</exception>
    public static Tensor Read(Stream stream, string name, NonFinite nonFinite = NonFinite.Refused)
    {
        NpyHeader header = NpyHeader.Parse(ReadHeader(stream, name), name);
        long expected = header.Bytes, left = stream.Length - stream.Position;
        if (left != expected)
            throw new UserErrorException(
                $"'{name}' is damaged: an array of shape {header.ShapeText} has {expected} bytes, and {left} are there; write it again.");
        if (expected > Array.MaxLength)
            throw new UserErrorException($"'{name}': an array of shape {header.ShapeText} is larger than the 2 GiB that one may have here.");
        byte[] bytes = new byte[expected];
        stream.ReadExactly(bytes);
        if (header.Fortran) bytes = InCOrder(bytes, header.Shape, header.Type.Size);
        Tensor tensor = header.Type.Read(Path.GetFileNameWithoutExtension(name), header.Shape, bytes, name);
        if (nonFinite == NonFinite.Refused) new TensorFile().Add(tensor).RefuseNonFinite(name);
        return tensor;
    }

    /// <summary>Writes an array, completely or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensor">A tensor of type F32, F64, I64, I32, I8, U8 or BOOL; its name is not written.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    /// <exception cref="ArgumentException">The tensor is of another type.</exception>
    public static void Write(string path, Tensor tensor) => AtomicFile.Write(path, stream => Write(stream, tensor));

    /// <summary>Writes an array to a stream, as version 1.0.</summary>
    /// <param name="stream">Receives the bytes.</param>
    /// <param name="tensor">A tensor of type F32, F64, I64, I32, I8, U8 or BOOL; its name is not written.</param>
    /// <exception cref="ArgumentException">The tensor is of another type.</exception>
    public static void Write(Stream stream, Tensor tensor)
    {
        string dictionary = NpyHeader.Text(tensor);
        int unpadded = Magic.Length + 4 + dictionary.Length + 1;                       // 2 for the version, 2 for the length, 1 for the line feed
        byte[] text = Encoding.ASCII.GetBytes(dictionary + new string(' ', -unpadded & 63) + "\n");
        Span<byte> lengths = stackalloc byte[4];
        lengths[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(lengths[2..], checked((ushort)text.Length));
        stream.Write(Magic);
        stream.Write(lengths);
        stream.Write(text);
        stream.Write(tensor.Bytes);
    }

    // Element (i₀, i₁, …) of an array in Fortran order lies at i₀ + n₀ (i₁ + n₁ (…)).
    private static byte[] InCOrder(byte[] bytes, int[] shape, int size)
    {
        if (bytes.Length == 0 || shape.Length < 2) return bytes;
        byte[] ordered = new byte[bytes.Length];
        int[] index = new int[shape.Length];
        for (int at = 0; at < bytes.Length; at += size)
        {
            long from = 0;
            for (int d = shape.Length - 1; d >= 0; d--) from = from * shape[d] + index[d];
            bytes.AsSpan((int)(from * size), size).CopyTo(ordered.AsSpan(at, size));
            for (int d = shape.Length - 1; d >= 0 && ++index[d] == shape[d]; d--) index[d] = 0;
        }
        return ordered;
    }

    private static string ReadHeader(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8 || !start[..6].SequenceEqual(Magic))
            throw new UserErrorException($"'{name}' is not an .npy file: it does not begin with NumPy's six bytes; write it with numpy.save.");
        if (start[6] is not (1 or 2 or 3) || start[7] != 0)
            throw new UserErrorException(
                $"'{name}' is an .npy file of version {start[6]}.{start[7]}; read here are 1.0, 2.0 and 3.0: write it with numpy.save.");

        Span<byte> lengthBytes = stackalloc byte[4];
        lengthBytes.Clear();
        int lengthSize = start[6] == 1 ? 2 : 4;
        bool whole = stream.ReadAtLeast(lengthBytes[..lengthSize], lengthSize, throwOnEndOfStream: false) == lengthSize;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > LongestHeader)
            throw new UserErrorException($"'{name}' is damaged: its header would have {length} bytes, and {LongestHeader} is the most allowed; "
                + "write it again.");
        if (!whole || length > stream.Length - stream.Position)
            throw new UserErrorException($"'{name}' is cut short within its header; write it again.");
        byte[] text = new byte[length];
        stream.ReadExactly(text);
        return Encoding.Latin1.GetString(text);
    }
}
