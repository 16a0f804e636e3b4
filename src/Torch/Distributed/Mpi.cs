using System.Runtime.InteropServices;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// What is used of Open MPI's C API. Loaded when first asked for, so that a machine without it runs all that one process does.
/// </summary>
internal static unsafe partial class Mpi
{
    /// <summary>Of Open MPI 4 and 5.</summary>
    public const string Library = "libmpi.so.40";

    /// <summary>MPI_THREAD_MULTIPLE.</summary>
    public const int ThreadMultiple = 3;

    /// <summary>MPI_IN_PLACE.</summary>
    public static readonly void* InPlace = (void*)1;

    // Its plug-ins are linked with nothing: they find its symbols only where these are global.
    private static readonly Lazy<nint> s_library = new(() => OperatingSystem.IsLinux() ? dlopen(Library, Now | Global) : 0);
    private const int Now = 2;
    private const int Global = 0x100;

    /// <summary>Whether the library can be loaded.</summary>
    public static bool IsThere => s_library.Value != 0;

    /// <summary>MPI_COMM_WORLD.</summary>
    public static nint World => Symbol("ompi_mpi_comm_world");

    /// <summary>MPI_SUM.</summary>
    public static nint Sum => Symbol("ompi_mpi_op_sum");

    /// <summary>MPI_BYTE.</summary>
    public static nint Byte => Symbol("ompi_mpi_byte");

    /// <summary>MPI_INT32_T.</summary>
    public static nint Integer => Symbol("ompi_mpi_int32_t");

    /// <summary>A handle of Open MPI: the address of an object that it exports, such as <c>ompi_mpi_float</c>.</summary>
    public static nint Symbol(string name) => NativeLibrary.GetExport(s_library.Value, name);

    /// <summary>Begins. Errors of operations over all processes are returned from then on, and do not end the program.</summary>
    /// <exception cref="ProcessGroupException">MPI does not start, or not for several threads.</exception>
    public static void Start()
    {
        int granted;
        Check(MPI_Init_thread(null, null, ThreadMultiple, &granted), "starting MPI");
        if (granted < ThreadMultiple)
            throw new ProcessGroupException("starting MPI: this Open MPI was built without MPI_THREAD_MULTIPLE; take your distribution's");
        Check(MPI_Comm_set_errhandler(World, Symbol("ompi_mpi_errors_return")), "starting MPI");
    }

    /// <summary>The same processes with messages of their own; errors are returned as in the original.</summary>
    public static nint Duplicate(nint communicator)
    {
        nint copy;
        Check(MPI_Comm_dup(communicator, &copy), "starting MPI");
        return copy;
    }

    /// <summary>The number of this process among all, and how many there are.</summary>
    public static (int Rank, int Size) Place(nint communicator)
    {
        int rank, size;
        Check(MPI_Comm_rank(communicator, &rank), "starting MPI");
        Check(MPI_Comm_size(communicator, &size), "starting MPI");
        return (rank, size);
    }

    /// <summary>The number of this process among those of its machine.</summary>
    public static int LocalRank()
    {
        nint machine;
        Check(MPI_Comm_split_type(World, 0, 0, Symbol("ompi_mpi_info_null"), &machine), "starting MPI");
        return Place(machine).Rank;
    }

    /// <summary>Whether a request is done; it is gone then.</summary>
    public static bool Test(nint* request, string operation)
    {
        int done;
        Check(MPI_Test(request, &done, null), operation);
        return done != 0;
    }

    /// <summary>Turns a code into an exception.</summary>
    /// <exception cref="ProcessGroupException">The code is not MPI_SUCCESS; the message begins with the operation.</exception>
    public static void Check(int code, string operation)
    {
        if (code == 0) return;
        var text = stackalloc byte[512];
        int length;
        MPI_Error_string(code, text, &length);
        throw new ProcessGroupException($"{operation}: {Marshal.PtrToStringUTF8((nint)text, length)}");
    }

    /// <summary>Such as <c>Open MPI v4.1.4</c>; may be asked before MPI begins. Null where it is missing.</summary>
    public static string? Version()
    {
        if (!IsThere) return null;
        var text = stackalloc byte[512];
        int length;
        MPI_Get_library_version(text, &length);
        return Marshal.PtrToStringUTF8((nint)text, length).Split(',')[0];
    }

    [LibraryImport(Library)] public static partial int MPI_Finalize();
    [LibraryImport(Library)]
    public static partial int MPI_Iallreduce(
        void* send, void* receive, int count, nint type, nint operation, nint communicator, nint* request);
    [LibraryImport(Library)]
    public static partial int MPI_Allreduce(void* send, void* receive, int count, nint type, nint operation, nint communicator);
    [LibraryImport(Library)]
    public static partial int MPI_Allgather(
        void* send, int count, nint type, void* receive, int countOfEach, nint receiveType, nint communicator);
    [LibraryImport(Library)] public static partial int MPI_Bcast(void* buffer, int count, nint type, int root, nint communicator);
    [LibraryImport(Library)]
    public static partial int MPI_Isend(void* buffer, int count, nint type, int to, int tag, nint communicator, nint* request);
    [LibraryImport(Library)]
    public static partial int MPI_Irecv(void* buffer, int count, nint type, int from, int tag, nint communicator, nint* request);
    [LibraryImport(Library)] public static partial int MPI_Cancel(nint* request);
    [LibraryImport(Library)] public static partial int MPI_Request_free(nint* request);
    [LibraryImport(Library)] private static partial int MPI_Init_thread(int* count, byte*** arguments, int required, int* granted);
    [LibraryImport(Library)] private static partial int MPI_Comm_set_errhandler(nint communicator, nint handler);
    [LibraryImport(Library)] private static partial int MPI_Comm_dup(nint communicator, nint* copy);
    [LibraryImport(Library)] private static partial int MPI_Comm_split_type(nint communicator, int type, int key, nint info, nint* part);
    [LibraryImport(Library)] private static partial int MPI_Comm_rank(nint communicator, int* rank);
    [LibraryImport(Library)] private static partial int MPI_Comm_size(nint communicator, int* size);
    [LibraryImport(Library)] private static partial int MPI_Test(nint* request, int* done, void* status);
    [LibraryImport(Library)] private static partial int MPI_Error_string(int code, byte* text, int* length);
    [LibraryImport(Library)] private static partial int MPI_Get_library_version(byte* text, int* length);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial nint dlopen(string name, int flags);
}
