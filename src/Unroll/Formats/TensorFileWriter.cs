using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Unroll.Formats;

/// <summary>Writes safetensors: the header in the order in which things were added, padded with spaces to eight bytes, then the numbers.</summary>
internal static class TensorFileWriter
{
    /// <inheritdoc cref="TensorFile.Write(Stream, NonFinite)"/>
    public static void Write(TensorFile file, Stream stream)
    {
        // The widest elements come first in the data, so that every tensor is aligned to its own element for readers that map the file.
        List<Tensor> inDataOrder = [.. file.Tensors.OrderByDescending(tensor => ElementCodec.BitsOf(tensor.TypeName))];
        Dictionary<string, long> begins = [];
        long at = 0;
        foreach (Tensor tensor in inDataOrder)
        {
            begins.Add(tensor.Name, at);
            at += tensor.Bytes.Length;
        }

        ReadOnlySpan<byte> header = Header(file, begins);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (Tensor tensor in inDataOrder) stream.Write(tensor.Bytes);
    }

    private static ReadOnlySpan<byte> Header(TensorFile file, Dictionary<string, long> begins)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            if (file.Metadata.Count > 0) WriteMetadata(json, file);
            foreach (Tensor tensor in file.Tensors) WriteEntry(json, tensor, begins[tensor.Name]);
            json.WriteEndObject();
        }
        int padding = -bytes.WrittenCount & 7;
        bytes.Write("       "u8[..padding]);
        if (file.MetadataOf(HeaderSeal.Key) is null) return bytes.WrittenSpan;
        byte[] sealing = bytes.WrittenSpan.ToArray();
        HeaderSeal.Stamp(sealing);
        return sealing;
    }

    private static void WriteMetadata(Utf8JsonWriter json, TensorFile file)
    {
        json.WriteStartObject(TensorFile.MetadataKey);
        foreach ((string key, string value) in file.Metadata) json.WriteString(key, key == HeaderSeal.Key ? HeaderSeal.Blank : value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, Tensor tensor, long begin)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.TypeName);
        json.WriteStartArray("shape");
        foreach (int size in tensor.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(begin + tensor.Bytes.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
