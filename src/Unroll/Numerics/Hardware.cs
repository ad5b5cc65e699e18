using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>Which of the three paths of a kernel this process takes. All give the same bits.</summary>
/// <remarks>
/// The environment variable <c>UNROLL_PATH=vector512</c> takes the 512-bit path on a processor without such vectors too, each as two halves: slow and
/// right, so that the path can be tested anywhere.
/// </remarks>
public static class Hardware
{
    private static readonly bool Asked = Environment.GetEnvironmentVariable("UNROLL_PATH") == "vector512";

    /// <summary>512-bit vectors with fused multiply-add.</summary>
    internal static bool Wide { get; } = Asked || (Vector512.IsHardwareAccelerated && Avx512F.IsSupported);

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    internal static bool Half => Avx2.IsSupported && Fma.IsSupported;

    /// <summary><c>vector512</c>, <c>vector256</c> or <c>portable</c>.</summary>
    public static string Path => Wide ? "vector512" : Half ? "vector256" : "portable";
}
