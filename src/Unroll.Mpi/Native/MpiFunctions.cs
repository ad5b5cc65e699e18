using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;

namespace Unroll.Mpi.Native;

/// <summary>
/// The functions of a loaded library that are called, and the handles that its header defines. Handles are addresses in Open MPI and 32-bit integers
/// in MPICH; every calling convention of 64 bits passes either in a whole register or slot, so that one signature with nint serves both. A
/// handle that
/// the library writes goes to a variable that was 0 before.
/// </summary>
/// <remarks>Sources: mpi.h of Open MPI 4.1 and of MPICH 4.0; the ABI compatibility initiative of MPICH, https://www.mpich.org/abi/.</remarks>
internal sealed unsafe class MpiFunctions
{
    internal const int Serialized = 2, Success = 0;
    private const int LongestText = 8192 + 1;                            // the longest of both headers' limits

    private readonly delegate* unmanaged[Cdecl]<int*, int> _initialized, _finalized;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int, int*, int> _initThread;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _commRank, _commSize;
    private readonly delegate* unmanaged[Cdecl]<nint, nint*, int> _commDup;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int> _isend, _irecv;
    private readonly delegate* unmanaged[Cdecl]<nint*, int*, nint, int> _test;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int> _abort;
    private readonly delegate* unmanaged[Cdecl]<int, byte*, int*, int> _errorString;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, int> _libraryVersion;
    private readonly nint _world, _byte, _errorsReturn, _statusIgnore;

    /// <summary>Looks up everything in a library.</summary>
    /// <exception cref="EntryPointNotFoundException">It lacks one of the functions.</exception>
    internal MpiFunctions(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _world))
        {
            Kind = MpiKind.OpenMpi;
            _byte = NativeLibrary.GetExport(library, "ompi_mpi_byte");
            _errorsReturn = NativeLibrary.GetExport(library, "ompi_mpi_errors_return");
        }
        else
        {
            Kind = MpiKind.Mpich;
            (_world, _byte, _errorsReturn, _statusIgnore) = (0x44000000, 0x4c00010d, 0x54000001, 1);
        }
        nint At(string name) => NativeLibrary.GetExport(library, name);
        _initialized = (delegate* unmanaged[Cdecl]<int*, int>)At("MPI_Initialized");
        _finalized = (delegate* unmanaged[Cdecl]<int*, int>)At("MPI_Finalized");
        _initThread = (delegate* unmanaged[Cdecl]<nint, nint, int, int*, int>)At("MPI_Init_thread");
        _finalize = (delegate* unmanaged[Cdecl]<int>)At("MPI_Finalize");
        _commRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)At("MPI_Comm_rank");
        _commSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)At("MPI_Comm_size");
        _commDup = (delegate* unmanaged[Cdecl]<nint, nint*, int>)At("MPI_Comm_dup");
        _setErrorHandler = (delegate* unmanaged[Cdecl]<nint, nint, int>)At("MPI_Comm_set_errhandler");
        _isend = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int>)At("MPI_Isend");
        _irecv = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int>)At("MPI_Irecv");
        _test = (delegate* unmanaged[Cdecl]<nint*, int*, nint, int>)At("MPI_Test");
        _abort = (delegate* unmanaged[Cdecl]<nint, int, int>)At("MPI_Abort");
        _errorString = (delegate* unmanaged[Cdecl]<int, byte*, int*, int>)At("MPI_Error_string");
        _libraryVersion = (delegate* unmanaged[Cdecl]<byte*, int*, int>)At("MPI_Get_library_version");
    }

    internal MpiKind Kind { get; }

    /// <summary>The communicator of all ranks.</summary>
    internal nint World => _world;

    /// <summary>The library's own words for its version, all lines; may be asked before it is initialized.</summary>
    internal string LibraryVersion
    {
        get
        {
            byte* text = stackalloc byte[LongestText];
            int length = 0;
            return _libraryVersion(text, &length) == Success ? Encoding.UTF8.GetString(text, Math.Clamp(length, 0, LongestText)).TrimEnd('\0') : "";
        }
    }

    internal bool IsInitialized => Ask(_initialized);

    internal bool IsFinalized => Ask(_finalized);

    /// <summary>Initializes the library for calls by several threads, one at a time.</summary>
    /// <returns>The level of support for threads that it offers: 0 single, 1 funneled, 2 serialized, 3 multiple.</returns>
    internal int Init()
    {
        int provided = 0;
        Require(_initThread(0, 0, Serialized, &provided), "MPI_Init_thread");
        return provided;
    }

    internal void Leave() => Require(_finalize(), "MPI_Finalize");

    internal int RankOf(nint communicator)
    {
        int rank = 0;
        Require(_commRank(communicator, &rank), "MPI_Comm_rank");
        return rank;
    }

    internal int SizeOf(nint communicator)
    {
        int size = 0;
        Require(_commSize(communicator, &size), "MPI_Comm_size");
        return size;
    }

    /// <summary>A communicator of the same ranks whose messages meet no others, and whose errors are returned and end nobody.</summary>
    internal nint Duplicate(nint communicator)
    {
        nint made = 0;
        Require(_commDup(communicator, &made), "MPI_Comm_dup");
        Require(_setErrorHandler(made, _errorsReturn), "MPI_Comm_set_errhandler");
        return made;
    }

    /// <summary>Begins to send; the bytes must stay where they are until <see cref="IsDone"/>.</summary>
    internal void Send(nint communicator, byte* bytes, int count, int rank, ref nint request)
    {
        fixed (nint* place = &request) Require(_isend(bytes, count, _byte, rank, 0, communicator, place), "MPI_Isend");
    }

    /// <summary>Begins to receive; the bytes must stay where they are until <see cref="IsDone"/>.</summary>
    internal void Receive(nint communicator, byte* bytes, int count, int rank, ref nint request)
    {
        fixed (nint* place = &request) Require(_irecv(bytes, count, _byte, rank, 0, communicator, place), "MPI_Irecv");
    }

    /// <summary>Whether what was begun is done; lets the library get on with everything that is under way.</summary>
    internal bool IsDone(ref nint request)
    {
        int done = 0;
        fixed (nint* place = &request) Require(_test(place, &done, _statusIgnore), "MPI_Test");
        return done != 0;
    }

    internal void Abort(int exitCode) => _ = _abort(_world, exitCode);

    private static bool Ask(delegate* unmanaged[Cdecl]<int*, int> question)
    {
        int answer = 0;
        return question(&answer) == Success && answer != 0;
    }

    private void Require(int code, string function)
    {
        if (code == Success) return;
        byte* text = stackalloc byte[LongestText];
        int length = 0;
        string said = _errorString(code, text, &length) == Success ? Encoding.UTF8.GetString(text, Math.Clamp(length, 0, LongestText))
            : $"error {code}";
        throw new UserErrorException($"MPI: {function} failed: {said.TrimEnd('\0', '\n')}");
    }
}
