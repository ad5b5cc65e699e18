using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Unroll.Core;
using Unroll.Mpi;
using Unroll.Numerics;

namespace Unroll.Cli;

/// <summary><c>unroll info</c> without a model: this program, and what it finds on this machine.</summary>
internal static class EnvironmentInfo
{
    private static string Version => typeof(EnvironmentInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+')[0] ?? "";

    private static string Runtime => $"{RuntimeInformation.FrameworkDescription}, compiled " +
        $"{(RuntimeFeature.IsDynamicCodeSupported ? "when it starts" : "ahead of time")}, {RuntimeInformation.RuntimeIdentifier}";

    /// <summary>In lines.</summary>
    internal static IEnumerable<string> Lines()
    {
        yield return $"unroll {Version}";
        yield return $"runtime: {Runtime}";
        yield return $"processor: {Environment.ProcessorCount} cores to use, {Hardware.Path}";
        (MpiLibrary? library, string? why) = Mpi();
        yield return library is null ? $"MPI: {why}" : $"MPI: {library.Version} ({library.Name}), for mpirun -n N unroll train … --mpi";
    }

    /// <summary>The same as members of a JSON object.</summary>
    internal static void Write(Utf8JsonWriter json)
    {
        json.WriteString("version", Version);
        json.WriteString("runtime", Runtime);
        json.WriteNumber("cores", Environment.ProcessorCount);
        json.WriteString("path", Hardware.Path);
        (MpiLibrary? library, string? why) = Mpi();
        json.WriteString("mpi", library?.Version);
        json.WriteString("mpi_library", library?.Name);
        if (why is not null) json.WriteString("mpi_missing", why);
    }

    // Loaded and asked for its version, not initialized.
    private static (MpiLibrary? Library, string? Why) Mpi()
    {
        try
        {
            return (MpiLibrary.Load(Launcher.Find()), null);
        }
        catch (UserErrorException e)
        {
            return (null, e.Message["MPI: ".Length..]);
        }
    }
}
