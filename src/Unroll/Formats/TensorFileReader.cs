using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Formats;

/// <summary>Reads safetensors: the length, the header, then each tensor's bytes straight into its own array.</summary>
internal static class TensorFileReader
{
    // The limit of the format's own reader: no valid header comes near it, and a malicious one cannot request more memory.
    private const long LongestHeader = 100_000_000;

    /// <inheritdoc cref="TensorFile.Read(Stream, string, NonFinite)"/>
    /// <param name="stream">As there.</param>
    /// <param name="name">As there.</param>
    /// <param name="nonFinite">As there.</param>
    /// <param name="check">Looks at the metadata and the shapes before room is made for a tensor; null: nobody does.</param>
    public static TensorFile Read(Stream stream, string name, NonFinite nonFinite, Action<TensorFile, IReadOnlyList<TensorEntry>>? check = null)
    {
        if (!stream.CanSeek) stream = InMemory(stream, name);
        long end = stream.Length;
        TensorFile file = new();
        List<TensorEntry> entries = ReadHeader(stream, name, file);
        List<TensorEntry> inDataOrder = [.. entries.OrderBy(e => e.Begin).ThenBy(e => e.End)];
        RequireSeamless(inDataOrder, end - stream.Position, name);
        check?.Invoke(file, entries);
        Dictionary<string, Tensor> read = [];
        foreach (TensorEntry entry in inDataOrder) read.Add(entry.Name, ReadTensor(stream, entry));
        foreach (TensorEntry entry in entries) file.Add(read[entry.Name]);
        if (nonFinite == NonFinite.Refused) file.RefuseNonFinite(name);
        return file;
    }

    /// <inheritdoc cref="TensorFile.ReadMetadata"/>
    public static TensorFile ReadMetadata(Stream stream, string name)
    {
        if (!stream.CanSeek) stream = InMemory(stream, name);
        TensorFile file = new();
        ReadHeader(stream, name, file);
        return file;
    }

    // The metadata go into the file; the tensors are still to be read.
    private static List<TensorEntry> ReadHeader(Stream stream, string name, TensorFile file)
    {
        byte[] header = new byte[ReadHeaderLength(stream, stream.Length - stream.Position, name)];
        stream.ReadExactly(header);
        bool? sound = HeaderSeal.Holds(header);
        if (sound == false) throw Changed(name);
        List<KeyValuePair<string, string>> metadata = [];
        List<TensorEntry> entries = TensorHeader.Read(header, name, metadata);
        if (sound is null && metadata.Exists(entry => entry.Key == HeaderSeal.Key)) throw Changed(name);      // spelled in another way
        foreach ((string key, string value) in metadata) file.AddMetadata(key, value);
        return entries;
    }

    private static long ReadHeaderLength(Stream stream, long length, string name)
    {
        if (length < 8)
            throw new UserErrorException($"'{name}' is not a safetensors file: it has {length} bytes, and the header's length alone takes 8; " +
                "give a .safetensors file.");
        Span<byte> bytes = stackalloc byte[8];
        stream.ReadExactly(bytes);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (bytes.StartsWith("PK"u8))
            throw new UserErrorException($"'{name}' is not a safetensors file but a zip archive, as torch.save and Keras write; import it first, " +
                "or save the weights with safetensors.torch.save_file.");
        if (bytes.SequenceEqual((ReadOnlySpan<byte>)[0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]))
            throw new UserErrorException($"'{name}' is not a safetensors file but one of HDF5, as Keras writes; import it first.");
        if (headerLength > LongestHeader && name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            throw new UserErrorException($"'{name}' is not a safetensors file but an ONNX model; import it first.");
        if (headerLength > LongestHeader)
            throw new UserErrorException(
                $"'{name}' is not a safetensors file: its header would have {headerLength} bytes, and {LongestHeader} is the most allowed; " +
                "give a .safetensors file.");
        if (headerLength > (ulong)(length - 8))
            throw new UserErrorException(
                $"'{name}' is cut short: its header has {headerLength} bytes, and only {length - 8} are there; fetch or write it again.");
        return (long)headerLength;
    }

    // Sorted by place, each tensor begins where the one before ends, and the last ends with the file: no hole, no overlap, nothing left over.
    private static void RequireSeamless(List<TensorEntry> inDataOrder, long dataLength, string name)
    {
        long at = 0;
        string before = "the header";
        foreach (TensorEntry entry in inDataOrder)
        {
            if (entry.Begin != at)
            {
                string fault = entry.Begin < at ? $"overlaps {before}" : $"leaves a hole after {before}";
                throw new UserErrorException(
                    $"'{name}' is damaged: tensor '{entry.Name}' {fault}: it begins at byte {entry.Begin}, expected {at}; fetch or write it again.");
            }
            if (entry.End > dataLength)
                throw new UserErrorException(
                    $"'{name}' is cut short: tensor '{entry.Name}' ends at byte {entry.End} of the data, and only {dataLength} are there; "
                    + "fetch or write it again.");
            (at, before) = (entry.End, $"'{entry.Name}'");
        }
        if (at != dataLength)
            throw new UserErrorException(
                $"'{name}' is damaged: {dataLength - at} bytes follow the last tensor, expected none; fetch or write it again.");
    }

    private static Tensor ReadTensor(Stream stream, TensorEntry entry)
    {
        byte[] stored = GC.AllocateUninitializedArray<byte>((int)(entry.End - entry.Begin));
        stream.ReadExactly(stored);
        return Tensor.Over(entry.Name, ElementCodec.Widening(entry.Type) > 1 ? "F32" : entry.Type, entry.Shape,
            ElementCodec.Widen(entry.Type, stored));
    }

    private static UserErrorException Changed(string name) => new(
        $"'{name}' is damaged: its header is not the one that was written, {HeaderSeal.Key} differs; fetch or save it again.");

    // As much as the header says that there is, and a byte more where there is one: what has no end is not read to it.
    private static MemoryStream InMemory(Stream stream, string name)
    {
        MemoryStream copy = new();
        Take(stream, copy, 8);
        copy.Position = 0;
        if (copy.Length < 8) return copy;
        long header = ReadHeaderLength(copy, long.MaxValue, name);
        Take(stream, copy, header);
        if (copy.Length == 8 + header)
        {
            List<TensorEntry> entries = TensorHeader.Read(copy.GetBuffer().AsSpan(8, (int)header), name, []);
            Take(stream, copy, entries.Count == 0 ? 1 : entries.Max(entry => entry.End) + 1);
        }
        copy.Position = 0;
        return copy;
    }

    private static void Take(Stream stream, MemoryStream copy, long count)
    {
        copy.Position = copy.Length;
        byte[] block = new byte[(int)Math.Min(count, 1 << 20)];
        for (int read; count > 0 && (read = stream.Read(block, 0, (int)Math.Min(count, block.Length))) > 0; count -= read) copy.Write(block, 0, read);
    }
}
