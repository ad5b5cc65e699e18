using System.Runtime.InteropServices;

namespace Unroll.Mpi.Native;

/// <summary>
/// Variables that libraries of communication read when they are loaded or initialized; what the user has set stays. The runtime's own variables are
/// copies that native code does not see.
/// </summary>
internal static unsafe class LibrarySettings
{
    /// <summary>Before a library is loaded.</summary>
    internal static void Set()
    {
        // The signals of faults belong to the runtime, which makes exceptions of them: a null reference anywhere would end the program. UCX, on which
        // MPICH and Open MPI of many distributions stand, takes them when it is loaded. https://openucx.readthedocs.io/en/master/faq.html
        Set("UCX_ERROR_SIGNALS\0"u8, "\0"u8);
        // Over TCP, Open MPI puts a large message on the wire whole: what its receiver has to answer the other direction's request with waits behind
        // it, so that two ranks send one after the other. Sent in fragments, 9 = send | inplace, both directions go at once.
        Set("OMPI_MCA_btl_tcp_flags\0"u8, "9\0"u8);
    }

    private static void Set(ReadOnlySpan<byte> variable, ReadOnlySpan<byte> text)
    {
        if (OperatingSystem.IsWindows() || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "setenv", out nint function)) return;
        fixed (byte* name = variable)
        fixed (byte* value = text)
            _ = ((delegate* unmanaged[Cdecl]<byte*, byte*, int, int>)function)(name, value, 0);
    }
}
