using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>Which of the three paths of a kernel this process takes. All give the same bits; the compiler sees constants here.</summary>
public static class Hardware
{
    /// <summary>512-bit vectors with fused multiply-add.</summary>
    internal static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    internal static bool Half => Avx2.IsSupported && Fma.IsSupported;

    /// <summary><c>vector512</c>, <c>vector256</c> or <c>portable</c>.</summary>
    public static string Path => Wide ? "vector512" : Half ? "vector256" : "portable";
}
