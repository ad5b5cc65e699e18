using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Unroll.Numerics;

namespace Unroll.Cli;

/// <summary>Whether this program uses what the processor has: one compiled for older ones gives the same results and takes longer.</summary>
internal static class Processor
{
    private const string Described = "/proc/cpuinfo";

    /// <summary>What to say before a training; null where the program suits the processor.</summary>
    internal static string? Warning { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? WarningOf(Hardware.Path, HasAvx2AndFma(), RuntimeFeature.IsDynamicCodeSupported) : null;

    /// <summary>The warning.</summary>
    /// <param name="path">The path that the kernels take: <see cref="Hardware.Path"/>.</param>
    /// <param name="capable">Whether the processor has AVX2 and FMA; null where it could not be asked.</param>
    /// <param name="compilesAtStart">Whether the kernels are compiled when the program starts, so that only a switch can keep it from them.</param>
    internal static string? WarningOf(string path, bool? capable, bool compilesAtStart)
    {
        if (path is "vector256" or "vector512" || capable == false) return null;
        string times = path == "portable" ? "many times slower than it could be" : "about half as fast as it could be";
        string which = capable is null ? "which the processor may have" : "which the processor has";
        return $"warning: this program does not use AVX2 and FMA, {which}, and is {times}: " + (compilesAtStart
            ? "a setting such as DOTNET_EnableAVX2=0, DOTNET_EnableHWIntrinsic=0 or UNROLL_PATH keeps it from them; results are the same."
            : "it was compiled for older processors; docs/publishing.md says how to publish it for x86-64-v3; results are the same.");
    }

    // What the system says: Avx2.IsSupported says what the program may use.
    private static bool? HasAvx2AndFma()
    {
        if (!File.Exists(Described)) return null;
        string[] flags = File.ReadLines(Described).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        return flags.Length == 0 ? null : flags.Contains("avx2") && flags.Contains("fma");
    }
}
