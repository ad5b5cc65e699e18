using System.Runtime.InteropServices;

namespace Unroll.Mpi.Native;

/// <summary>
/// Keeps libraries of communication from taking the signals of faults for themselves: the runtime makes exceptions of them, and a null reference
/// anywhere would end the program. UCX, on which MPICH and Open MPI of many distributions stand, takes them when it is loaded, unless its variable
/// says which; what the user has set stays.
/// </summary>
/// <remarks>https://openucx.readthedocs.io/en/master/faq.html: UCX_ERROR_SIGNALS.</remarks>
internal static unsafe class ErrorSignals
{
    /// <summary>Before a library is loaded. The runtime's own variables are copies that native code does not see.</summary>
    internal static void LeaveToRuntime()
    {
        if (OperatingSystem.IsWindows() || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "setenv", out nint function)) return;
        fixed (byte* name = "UCX_ERROR_SIGNALS\0"u8)
        fixed (byte* none = "\0"u8)
            _ = ((delegate* unmanaged[Cdecl]<byte*, byte*, int, int>)function)(name, none, 0);
    }
}
