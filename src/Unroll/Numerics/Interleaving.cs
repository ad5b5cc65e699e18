using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>Elements of two 128-bit vectors in turn, on x64 and ARM64.</summary>
internal static class Interleaving
{
    /// <summary>Whether the processor has it.</summary>
    public static bool IsSupported => Sse2.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>a₀ b₀ a₁ b₁.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Low(Vector128<float> a, Vector128<float> b)
    {
        if (Sse2.IsSupported) return Sse.UnpackLow(a, b);
        return AdvSimd.Arm64.ZipLow(a, b);
    }

    /// <summary>a₂ b₂ a₃ b₃.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> High(Vector128<float> a, Vector128<float> b)
    {
        if (Sse2.IsSupported) return Sse.UnpackHigh(a, b);
        return AdvSimd.Arm64.ZipHigh(a, b);
    }

    /// <summary>a₀ b₀.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Low(Vector128<ulong> a, Vector128<ulong> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackLow(a, b);
        return AdvSimd.Arm64.ZipLow(a, b);
    }

    /// <summary>a₁ b₁.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> High(Vector128<ulong> a, Vector128<ulong> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackHigh(a, b);
        return AdvSimd.Arm64.ZipHigh(a, b);
    }
}
