using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>Which of the four paths of a kernel this process takes: the widest that the processor has. All give the same bits.</summary>
/// <remarks>
/// The environment variable <c>UNROLL_PATH</c> asks for one by name. <c>vector512</c> can be asked for on every x64 processor: without such vectors
/// each is two halves, slow and right, so that the path can be tested anywhere.
/// </remarks>
public static class Hardware
{
    private const string Variable = "UNROLL_PATH";
    private static readonly (string Name, int Lanes)[] Paths = [("vector512", 16), ("vector256", 8), ("vector128", 4), ("portable", 1)];

    /// <summary>512-bit vectors with fused multiply-add; on x64 only.</summary>
    internal static bool Wide => X86Base.IsSupported && Taken.Lanes >= 16;

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    internal static bool Half => Avx2.IsSupported && Fma.IsSupported && Taken.Lanes >= 8;

    /// <summary>128-bit vectors with fused multiply-add: ARM64's, or x64's.</summary>
    internal static bool Quarter => HasQuarter && Taken.Lanes >= 4;

    /// <summary><c>vector512</c>, <c>vector256</c>, <c>vector128</c> or <c>portable</c>.</summary>
    /// <exception cref="TypeInitializationException">There is a <see cref="PathProblem"/>.</exception>
    public static string Path => Array.Find(Paths, path => path.Lanes == Taken.Lanes).Name;

    /// <summary>
    /// What is wrong with the value of <c>UNROLL_PATH</c>, with the paths that this processor can take; null where nothing is. Programs should end
    /// with it: whatever asks for the path fails.
    /// </summary>
    public static string? PathProblem => Choose(Environment.GetEnvironmentVariable(Variable)).Problem;

    /// <summary>How many lanes a path has; the processor's widest where none is asked for.</summary>
    internal static (int Lanes, string? Problem) Choose(string? asked)
    {
        bool wide = Vector512.IsHardwareAccelerated && Avx512F.IsSupported, half = Avx2.IsSupported && Fma.IsSupported;
        if (string.IsNullOrEmpty(asked)) return (wide ? 16 : half ? 8 : HasQuarter ? 4 : 1, null);
        (string Name, int Lanes)[] able =
            [.. Paths.Where(path => path.Lanes switch { 16 => X86Base.IsSupported, 8 => half, 4 => HasQuarter, _ => true })];
        foreach ((string name, int lanes) in able)
            if (name == asked) return (lanes, null);
        string problem = Array.Exists(Paths, path => path.Name == asked)
            ? $"this processor cannot take the path '{asked}'" : $"there is no path '{asked}'";
        return (0, $"{Variable}: {problem}; expected one of {string.Join(", ", able.Select(path => path.Name))}.");
    }

    // In a class of its own, so that the problem can be asked for before it is made.
    private static class Taken
    {
        internal static readonly int Lanes =
            Choose(Environment.GetEnvironmentVariable(Variable)) is (var lanes, var problem) && problem is null
                ? lanes : throw new PlatformNotSupportedException(problem);
    }

    private static bool HasQuarter => AdvSimd.Arm64.IsSupported || Fma.IsSupported;
}
