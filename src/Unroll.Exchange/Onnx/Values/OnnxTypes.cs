namespace Unroll.Exchange.Onnx.Values;

/// <summary>The numbers of ONNX's element types (<c>TensorProto.DataType</c>), their names and sizes.</summary>
public static class OnnxTypes
{
    /// <summary>The types that are computed with, for messages.</summary>
    internal const string Known = "float, double, int64, int32, bool, uint8, int8, and 16-bit floats as float";

    private static readonly string[] s_names =
    [
        "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double", "uint32", "uint64",
            "complex64",
        "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
    ];

    /// <summary>The type of a number in a file, or null where it is none that is computed with. 16-bit floats are held as floats, exactly.</summary>
    internal static OnnxType? Of(int number) => number switch
    {
        1 or 10 or 16 => OnnxType.Float,
        11 => OnnxType.Double,
        7 => OnnxType.Int64,
        6 => OnnxType.Int32,
        9 => OnnxType.Bool,
        2 => OnnxType.UInt8,
        3 => OnnxType.Int8,
        _ => null,
    };

    /// <summary>Whether a number in a file stands for floats of 16 bits.</summary>
    internal static bool IsHalf(int number) => number is 10 or 16;

    /// <summary>What a number in a file is called: <c>float16</c>.</summary>
    internal static string NameOf(int number) => number >= 0 && number < s_names.Length ? s_names[number] : $"type {number}";

    /// <summary>The number of a type in files.</summary>
    internal static int Number(this OnnxType type) => type switch
    {
        OnnxType.Float => 1,
        OnnxType.Double => 11,
        OnnxType.Int64 => 7,
        OnnxType.Int32 => 6,
        OnnxType.Bool => 9,
        OnnxType.UInt8 => 2,
        _ => 3,
    };

    /// <summary>What a type is called: <c>int64</c>.</summary>
    /// <param name="type">The type.</param>
    public static string Name(this OnnxType type) => NameOf(type.Number());

    /// <summary>The bytes of an element.</summary>
    internal static int Size(this OnnxType type) => type switch
    {
        OnnxType.Float or OnnxType.Int32 => 4,
        OnnxType.Double or OnnxType.Int64 => 8,
        _ => 1,
    };

    /// <summary>The type of elements of a .NET type.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    internal static OnnxType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? OnnxType.Float
        : typeof(T) == typeof(double) ? OnnxType.Double
        : typeof(T) == typeof(long) ? OnnxType.Int64
        : typeof(T) == typeof(int) ? OnnxType.Int32
        : typeof(T) == typeof(bool) ? OnnxType.Bool
        : typeof(T) == typeof(byte) ? OnnxType.UInt8
        : typeof(T) == typeof(sbyte) ? OnnxType.Int8
        : throw new NotSupportedException($"Tensors do not hold {typeof(T).Name}; they hold float, double, long, int, bool, byte and sbyte.");
}
