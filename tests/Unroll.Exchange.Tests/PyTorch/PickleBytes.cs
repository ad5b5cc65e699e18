using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Unroll.Exchange.Tests.PyTorch;

/// <summary>Writes pickles opcode by opcode, and the archives around them, right or wrong.</summary>
internal sealed class PickleBytes
{
    private readonly MemoryStream _bytes = new();

    /// <summary>A pickle that has begun, of protocol 2.</summary>
    public static PickleBytes Begin(int protocol = 2) => new PickleBytes().Raw(0x80, (byte)protocol);

    public PickleBytes Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleBytes Op(char code) => Raw((byte)code);

    public PickleBytes Ops(string codes) => Raw(Encoding.Latin1.GetBytes(codes));

    public PickleBytes Global(string module, string name) => Ops($"c{module}\n{name}\n");

    public PickleBytes Text(string text) => Op('X').U32((uint)Encoding.UTF8.GetByteCount(text)).Raw(Encoding.UTF8.GetBytes(text));

    public PickleBytes Int(int value) => Op('J').U32((uint)value);

    public PickleBytes Long(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, 8).Raw(bytes);
    }

    public PickleBytes U32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    /// <summary>A call with one text, as a hostile pickle calls <c>os.system</c>.</summary>
    public PickleBytes Call(string module, string name, params string[] arguments)
    {
        Global(module, name).Op('(');
        foreach (string argument in arguments) Text(argument);
        return Ops("tR");
    }

    /// <summary>A storage that lies outside the pickle.</summary>
    public PickleBytes Storage(string key, long count, string type = "FloatStorage") =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Long(count).Ops("tQ");

    /// <summary>A tensor over a storage.</summary>
    public PickleBytes Tensor(string key, long stored, long[] sizes, long[] strides, long offset = 0, string type = "FloatStorage")
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(key, stored, type).Long(offset);
        foreach (long[] numbers in (long[][])[sizes, strides])
        {
            Op('(');
            foreach (long number in numbers) Long(number);
            Op('t');
        }
        return Raw(0x89).Global("collections", "OrderedDict").Ops(")RtR");
    }

    /// <summary>The pickle, at its end.</summary>
    public byte[] End() => Op('.')._bytes.ToArray();

    public byte[] Bytes() => _bytes.ToArray();

    /// <summary>An archive as torch.save writes it.</summary>
    public static byte[] Zip(byte[] pickle, params (string Key, byte[] Bytes)[] storages) =>
        Records([("archive/data.pkl", pickle), ("archive/version", "3\n"u8.ToArray()), .. storages.Select(one => ($"archive/data/{one.Key}",
            one.Bytes))]);

    /// <summary>An archive of any records.</summary>
    public static byte[] Records((string Name, byte[] Bytes)[] records, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] content) in records)
            {
                using Stream record = zip.CreateEntry(name, level).Open();
                record.Write(content);
            }
        return bytes.ToArray();
    }
}
