using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>
/// Floats → small integers and a scale: rows of weights to 8 bits, a product's other side to 16. Floats → their upper halves.
/// </summary>
internal static unsafe class Rounding
{
    /// <summary>Weights lie in −127 … 127, so that each has its opposite.</summary>
    public const int MaxWeight = 127;

    /// <summary>Larger weights would have a scale that overflows.</summary>
    public const float LargestWeight = 1e38f;

    private const int MaxActivation = short.MaxValue;
    private const int Size = 0x7FFF_FFFF, Infinity = 0x7F80_0000;        // of a float's pattern: all but the sign; what no finite number reaches
    private const float Smallest = 7.888609e-31f;                        // 2⁻¹⁰⁰: below it all rounds to zero, and no scale overflows or is subnormal

    //  s = max |w| / 127, rounded up to 17 significant bits          q = round(w / s)
    //  q · s has at most 7 + 17 = 24 significant bits: it is a float, exactly; rounding such a row again gives the same q and s,
    //  since max |q| = 127, 127 · s is exact, and so is its quotient by 127
    /// <summary>Rounds a row of weights.</summary>
    /// <param name="weights">Finite numbers up to <see cref="LargestWeight"/>.</param>
    /// <param name="rounded">As many; −127 … 127, overwritten.</param>
    /// <returns>s; 0 where all weights are below 2⁻¹⁰⁰.</returns>
    public static float Weights(ReadOnlySpan<float> weights, Span<sbyte> rounded)
    {
        float most = 0;
        foreach (float w in weights) most = MathF.Max(most, MathF.Abs(w));
        if (!(most >= Smallest))
        {
            rounded.Clear();
            return 0;
        }
        uint bits = BitConverter.SingleToUInt32Bits(most / MaxWeight);
        float scale = BitConverter.UInt32BitsToSingle((bits + 0x7F) & ~0x7Fu);
        for (int k = 0; k < weights.Length; k++) rounded[k] = (sbyte)Math.Clamp(MathF.Round(weights[k] / scale), -MaxWeight, MaxWeight);
        return scale;
    }

    /// <summary>The nearest bfloat16, of two equally near the even one; a number that has 16 bits already stays as it is.</summary>
    /// <param name="value">A finite number up to <see cref="LargestWeight"/>.</param>
    /// <returns>The upper 16 bits of its pattern; the others are zero.</returns>
    public static ushort BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    /// <summary>The largest 16-bit activation with which no sum of a matrix can leave 32 bits, nor any part of a sum.</summary>
    /// <param name="largestRow">max over rows of Σ |q|.</param>
    public static int ActivationLimit(long largestRow) => (int)Math.Min(MaxActivation, int.MaxValue / Math.Max(1, largestRow));

    //  m = max |x|          p = round(x · (limit / m))          x ≈ p · (m / limit)
    /// <summary>Rounds a vector that weights are multiplied by.</summary>
    /// <param name="x">n floats.</param>
    /// <param name="n">How many.</param>
    /// <param name="limit">The largest integer to use, 1 … 32,767.</param>
    /// <param name="rounded">n integers, −limit … limit, overwritten.</param>
    /// <returns>m / limit; NaN, with zeros, where a number is NaN or infinite: then everything that is multiplied becomes NaN.</returns>
    public static float Activations(float* x, int n, int limit, short* rounded)
    {
        int pattern = LargestSize(x, n);                                 // patterns of positive floats are ordered as the floats are
        if (pattern >= Infinity)
        {
            new Span<short>(rounded, n).Clear();
            return float.NaN;
        }
        float most = MathF.Max(BitConverter.Int32BitsToSingle(pattern), Smallest), up = limit / most;
        int k = 0;
        if (Hardware.Half)
            for (Vector256<float> scale = Vector256.Create(up); k <= n - 16; k += 16)
            {
                Vector256<int> low = Avx.ConvertToVector256Int32(Vector256.Load(x + k) * scale);
                Vector256<int> high = Avx.ConvertToVector256Int32(Vector256.Load(x + k + 8) * scale);
                Avx2.Permute4x64(Avx2.PackSignedSaturate(low, high).AsInt64(), 0b11_01_10_00).AsInt16().Store(rounded + k);
            }
        else if (Hardware.Quarter)
            for (Vector128<float> scale = Vector128.Create(up); k <= n - 8; k += 8)
                ToEven(Vector128.Load(x + k) * scale, Vector128.Load(x + k + 4) * scale).Store(rounded + k);
        for (; k < n; k++) rounded[k] = (short)MathF.Round(x[k] * up);   // to even where it is a tie, as the vectors do
        return most / limit;
    }

    private static int LargestSize(float* x, int n)
    {
        int k = 0, largest = 0;
        if (Hardware.Half && n >= 8)
        {
            Vector256<int> size = Vector256.Create(Size), most = Vector256<int>.Zero;
            for (; k <= n - 8; k += 8) most = Avx2.Max(most, Vector256.Load((int*)(x + k)) & size);
            for (int lane = 0; lane < 8; lane++) largest = Math.Max(largest, most[lane]);
        }
        else if (Hardware.Quarter && n >= 4)
        {
            Vector128<int> size = Vector128.Create(Size), most = Vector128<int>.Zero;
            for (; k <= n - 4; k += 4) most = Vector128.Max(most, Vector128.Load((int*)(x + k)) & size);
            for (int lane = 0; lane < 4; lane++) largest = Math.Max(largest, most[lane]);
        }
        for (; k < n; k++) largest = Math.Max(largest, BitConverter.SingleToInt32Bits(x[k]) & Size);
        return largest;
    }

    // Finite numbers whose integers fit 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> ToEven(Vector128<float> low, Vector128<float> high)
    {
        if (Sse2.IsSupported) return Sse2.PackSignedSaturate(Sse2.ConvertToVector128Int32(low), Sse2.ConvertToVector128Int32(high));
        return AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(AdvSimd.ConvertToInt32RoundToEven(low)),
            AdvSimd.ConvertToInt32RoundToEven(high));
    }
}
