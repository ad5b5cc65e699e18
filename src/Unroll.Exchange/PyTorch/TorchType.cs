namespace Unroll.Exchange.PyTorch;

/// <summary>A type of elements.</summary>
/// <param name="Word">PyTorch's name of it: <c>float16</c>.</param>
/// <param name="Bytes">Bytes of an element in the file.</param>
/// <param name="InMemory">What safetensors calls the type that it becomes: halves become F32; null: it is not read.</param>
internal sealed record TorchType(string Word, int Bytes, string? InMemory)
{
    //  storages are named after C's types, dtypes after their bits: https://docs.pytorch.org/docs/stable/tensor_attributes.html
    private static readonly (string Storage, TorchType Type)[] s_all =
    [
        ("FloatStorage", new("float32", 4, "F32")),
        ("DoubleStorage", new("float64", 8, "F64")),
        ("HalfStorage", new("float16", 2, "F32")),
        ("BFloat16Storage", new("bfloat16", 2, "F32")),
        ("LongStorage", new("int64", 8, "I64")),
        ("IntStorage", new("int32", 4, "I32")),
        ("ShortStorage", new("int16", 2, "I16")),
        ("CharStorage", new("int8", 1, "I8")),
        ("ByteStorage", new("uint8", 1, "U8")),
        ("BoolStorage", new("bool", 1, "BOOL")),
        ("ComplexFloatStorage", new("complex64", 8, "C64")),
        ("ComplexDoubleStorage", new("complex128", 16, null)),
        ("QInt8Storage", new("qint8", 1, null)),
        ("QUInt8Storage", new("quint8", 1, null)),
        ("QInt32Storage", new("qint32", 4, null)),
        ("QUInt4x2Storage", new("quint4x2", 1, null)),
        ("QUInt2x4Storage", new("quint2x4", 1, null)),
        ("", new("uint16", 2, "U16")),
        ("", new("uint32", 4, "U32")),
        ("", new("uint64", 8, "U64")),
        ("", new("float8_e4m3fn", 1, "F8_E4M3")),
        ("", new("float8_e5m2", 1, "F8_E5M2")),
        ("", new("float8_e4m3fnuz", 1, "F8_E4M3FNUZ")),
        ("", new("float8_e5m2fnuz", 1, "F8_E5M2FNUZ")),
    ];

    /// <summary>The type of a storage's class: <c>FloatStorage</c>; null: there is none of that name.</summary>
    internal static TorchType? OfStorage(string name) => s_all.FirstOrDefault(pair => pair.Storage.Length > 0 && pair.Storage == name).Type;

    /// <summary>The type of that name: <c>float32</c>; null: there is none.</summary>
    internal static TorchType? OfWord(string word) => s_all.FirstOrDefault(pair => pair.Type.Word == word).Type;

    /// <summary>How many bytes an element has in memory.</summary>
    internal int BytesInMemory => Word is "float16" or "bfloat16" ? 4 : Bytes;
}
