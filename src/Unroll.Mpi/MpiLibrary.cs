using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Mpi.Native;

namespace Unroll.Mpi;

/// <summary>
/// The MPI library of this machine, loaded when it is asked for: the file that the variable <see cref="PathVariable"/> names, else the first of the
/// usual names that can be loaded and is of the launcher's family.
/// </summary>
public sealed class MpiLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string PathVariable = "UNROLL_MPI_LIBRARY";

    private const string Install = "install one (Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev; macOS: brew install open-mpi; "
        + "Windows: Microsoft MPI), or name its file by the variable " + PathVariable;

    private MpiLibrary(MpiFunctions functions, string name) => (Functions, Name, Version) = (functions, name, Short(functions.LibraryVersion));

    internal MpiFunctions Functions { get; }

    /// <summary>The name by which it was loaded: <c>libmpi.so.40</c>.</summary>
    public string Name { get; }

    /// <summary>The family.</summary>
    public MpiKind Kind => Functions.Kind;

    /// <summary>Name and version in a few words: <c>Open MPI v4.1.4</c>, <c>MPICH 4.0.2</c>.</summary>
    public string Version { get; }

    /// <summary>Finds and loads the library.</summary>
    /// <param name="launcher">Who started this process; null: nobody, then either family will do.</param>
    /// <param name="path">The file to load and nothing else; null: what <see cref="PathVariable"/> says, else the usual names.</param>
    /// <exception cref="UserErrorException">
    /// There is none, what is there is no MPI library, or only one of the other family than the launcher's.
    /// </exception>
    public static MpiLibrary Load(Launcher? launcher, string? path = null)
    {
        LibrarySettings.Set();
        if ((path ?? Environment.GetEnvironmentVariable(PathVariable)) is { Length: > 0 } named) return LoadNamed(named, launcher);
        MpiLibrary? other = null;
        foreach (string name in Names(launcher?.Kind))
        {
            if (!NativeLibrary.TryLoad(name, out nint handle)) continue;
            if (TryBind(handle, name) is not { } library) continue;
            if (launcher?.Kind is not { } kind || library.Kind == kind) return library;
            other ??= library;
        }
        throw new UserErrorException(other is null
            ? $"MPI: no library was found on this machine ({string.Join(", ", Names(launcher?.Kind).Take(3))} …); {Install}."
            : Mismatch(launcher!, other));
    }

    private static MpiLibrary LoadNamed(string path, Launcher? launcher)
    {
        nint handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new UserErrorException($"MPI: '{path}', which {PathVariable} names, cannot be loaded: {e.Message}", e);
        }
        MpiLibrary library = TryBind(handle, path)
            ?? throw new UserErrorException($"MPI: '{path}', which {PathVariable} names, is no MPI library: it lacks functions of MPI.");
        return launcher?.Kind is not { } kind || library.Kind == kind ? library : throw new UserErrorException(Mismatch(launcher, library));
    }

    private static string Mismatch(Launcher launcher, MpiLibrary library) =>
        $"MPI: this process was started by {launcher.Name}, and the library is {library.Version} ('{library.Name}'), in which each rank would be "
        + "alone; start it by the mpirun that belongs to that library, or name the launcher's library by the variable " + PathVariable + ".";

    private static MpiLibrary? TryBind(nint handle, string name)
    {
        try
        {
            return new MpiLibrary(new MpiFunctions(handle), name);
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    // The number in a name is the version of the binary interface: 40 is Open MPI's since 3.0, 12 that of MPICH and its kin.
    private static IEnumerable<string> Names(MpiKind? wanted)
    {
        string[] openMpi, mpich, either;
        if (OperatingSystem.IsWindows()) (openMpi, mpich, either) = ([], ["msmpi.dll", "impi.dll"], []);
        else if (OperatingSystem.IsMacOS())
            (openMpi, mpich, either) = (["libmpi.40.dylib"], ["libmpi.12.dylib"],
                ["libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib"]);
        else (openMpi, mpich, either) = (["libmpi.so.40"], ["libmpich.so.12", "libmpi.so.12", "libmpi_cray.so.12"], ["libmpi.so", "libmpich.so"]);
        return [.. wanted == MpiKind.Mpich ? mpich : openMpi, .. wanted == MpiKind.Mpich ? openMpi : mpich, .. either];
    }

    /// <summary>The first words of the first line: MPICH's is a table whose first line has the version.</summary>
    internal static string Short(string version)
    {
        string line = version.Split('\n')[0].Split(',')[0];
        string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Where(word => word is not ("Version:" or "Version" or ":")));
    }
}
