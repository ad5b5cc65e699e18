using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

//  p = a b, exact in double      s = p + c, rounded to double      r = s, rounded to float
//  The second rounding gives what one alone would give, unless s lies in the middle between two floats: rounding keeps the order of numbers, and
//  middles are doubles, so that p + c lies on the same side of them as s or is rounded to one. With d = s − r that is: d ≠ 0, and s + d is a float.

/// <summary>
/// a·b + c of floats rounded once, four at a time, on x64 processors that have vectors of doubles and no fused multiply-add (AVX without FMA).
/// </summary>
internal static unsafe class ExactMultiplyAdd
{
    /// <summary>Whether the processor has nothing better.</summary>
    public static bool IsWanted => Avx.IsSupported && !Fma.IsSupported;

    /// <summary>Of floats that are kept as doubles; so is the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Of(Vector256<double> a, Vector256<double> b, Vector256<double> c)
    {
        Vector256<double> s = Avx.Add(Avx.Multiply(a, b), c), r = Rounded(s), d = Avx.Subtract(s, r), other = Avx.Add(s, d);
        Vector256<double> middle = Avx.And(Avx.CompareEqual(Rounded(other), other), Avx.CompareNotEqual(d, Vector256<double>.Zero));
        if (Avx.MoveMask(middle) == 0) return r;
        return OneByOne(a, b, c);
    }

    /// <summary>Sums of 16 columns, one chain each: sums[j] = start[j] + Σ_k a[k] · b[16 k + j].</summary>
    [MethodImpl(Compilation.Kernel)]
    public static void Row(float* a, float* b, nint depth, float* start, float* sums)
    {
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        if (start != null) (s0, s1, s2, s3) = (Four(start), Four(start + 4), Four(start + 8), Four(start + 12));
        for (nint k = 0; k < depth; k++, b += 16)
        {
            Vector256<double> x = Vector256.Create((double)a[k]);
            s0 = Of(x, Four(b), s0);
            s1 = Of(x, Four(b + 4), s1);
            s2 = Of(x, Four(b + 8), s2);
            s3 = Of(x, Four(b + 12), s3);
        }
        Avx.ConvertToVector128Single(s0).Store(sums);
        Avx.ConvertToVector128Single(s1).Store(sums + 4);
        Avx.ConvertToVector128Single(s2).Store(sums + 8);
        Avx.ConvertToVector128Single(s3).Store(sums + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Four(float* from) => Avx.ConvertToVector256Double(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Rounded(Vector256<double> x) => Avx.ConvertToVector256Double(Avx.ConvertToVector128Single(x));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<double> OneByOne(Vector256<double> a, Vector256<double> b, Vector256<double> c)
    {
        double* r = stackalloc double[4];
        for (int i = 0; i < 4; i++) r[i] = MathF.FusedMultiplyAdd((float)a[i], (float)b[i], (float)c[i]);
        return Vector256.Load(r);
    }
}
