using System.Numerics;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Conversions of types. To bool: whether it is not zero. From float to integer: towards zero. Between integers: the low bits.</summary>
internal static class CastOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Cast", 1..1, Cast),
        new("CastLike", 2..2, node =>
        {
            node.Int("saturate", 1);
            node.String("round_mode", "up");
            return call => call.Set(0, To(call, call.Tensor(0), call.Tensor(1).Type));
        }) { Since = 15 },
    ];

    /// <summary>The same numbers in another type; the tensor itself where it is of that type.</summary>
    public static OnnxTensor To(OperatorCall call, OnnxTensor tensor, OnnxType type) => tensor.Type == type ? tensor : tensor.Type switch
    {
        OnnxType.Float => FromFloating<float>(call, tensor, type),
        OnnxType.Double => FromFloating<double>(call, tensor, type),
        OnnxType.Int64 => FromInteger<long>(call, tensor, type),
        OnnxType.Int32 => FromInteger<int>(call, tensor, type),
        OnnxType.UInt8 => FromInteger<byte>(call, tensor, type),
        OnnxType.Int8 => FromInteger<sbyte>(call, tensor, type),
        _ => FromInteger<byte>(call, new(OnnxType.UInt8, tensor.Shape.ToArray(), tensor.Memory), type),
    };

    // saturate and round_mode matter for floats of 8 bits only, which are refused. A float of 16 bits is rounded to one and held as a float.
    private static OperatorBody Cast(OperatorNode node)
    {
        OnnxType type = node.ElementType("to", 0, out bool half);
        node.Int("saturate", 1);
        node.String("round_mode", "up");
        if (!half) return call => call.Set(0, To(call, call.Tensor(0), type));
        bool brain = node.Int("to") == 16;
        return call => call.Set(0, UnaryOperators.Map<float, float>(call, To(call, call.Tensor(0), OnnxType.Float), x => brain ? Brain(x)
            : (float)(Half)x));
    }

    // The upper 16 bits, rounded to the nearest, halves to the even one.
    private static float Brain(float x)
    {
        if (float.IsNaN(x)) return x;
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private static OnnxTensor FromFloating<T>(OperatorCall call, OnnxTensor x, OnnxType type) where T : unmanaged, IFloatingPointIeee754<T> =>
        type switch
    {
        OnnxType.Float => UnaryOperators.Map<T, float>(call, x, float.CreateTruncating),
        OnnxType.Double => UnaryOperators.Map<T, double>(call, x, double.CreateTruncating),
        OnnxType.Bool => UnaryOperators.Map<T, bool>(call, x, value => value != T.Zero),
        OnnxType.Int64 => UnaryOperators.Map<T, long>(call, x, value => Whole(value)),
        OnnxType.Int32 => UnaryOperators.Map<T, int>(call, x, value => InInt(value)),
        OnnxType.UInt8 => UnaryOperators.Map<T, byte>(call, x, value => unchecked((byte)InInt(value))),
        _ => UnaryOperators.Map<T, sbyte>(call, x, value => unchecked((sbyte)InInt(value))),
    };

    // What an integer cannot hold has no meaning in ONNX; here, as on x64 and in ONNX Runtime, it is the smallest number.
    private static long Whole<T>(T value) where T : IFloatingPointIeee754<T>
    {
        double wide = double.CreateTruncating(value);
        return wide >= -9223372036854775808.0 && wide < 9223372036854775808.0 ? (long)wide : long.MinValue;
    }

    private static int InInt<T>(T value) where T : IFloatingPointIeee754<T>
    {
        double wide = double.CreateTruncating(value);
        return wide > -2147483649.0 && wide < 2147483648.0 ? (int)wide : int.MinValue;
    }

    private static OnnxTensor FromInteger<T>(OperatorCall call, OnnxTensor x, OnnxType type) where T : unmanaged, IBinaryInteger<T> => type switch
    {
        OnnxType.Float => UnaryOperators.Map<T, float>(call, x, float.CreateTruncating),
        OnnxType.Double => UnaryOperators.Map<T, double>(call, x, double.CreateTruncating),
        OnnxType.Bool => UnaryOperators.Map<T, bool>(call, x, value => value != T.Zero),
        OnnxType.Int64 => UnaryOperators.Map<T, long>(call, x, long.CreateTruncating),
        OnnxType.Int32 => UnaryOperators.Map<T, int>(call, x, int.CreateTruncating),
        OnnxType.UInt8 => UnaryOperators.Map<T, byte>(call, x, byte.CreateTruncating),
        _ => UnaryOperators.Map<T, sbyte>(call, x, sbyte.CreateTruncating),
    };
}
