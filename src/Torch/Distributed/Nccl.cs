using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataSsl.Torch.Distributed;

/// <summary>What is used of NCCL's C API.</summary>
internal static unsafe partial class Nccl
{
    private const string Library = "libnccl.so.2";

    /// <summary>ncclSum.</summary>
    public const int Sum = 0;

    private static readonly Lazy<bool> s_isThere = new(() => OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, out _));

    /// <summary>Whether the library can be loaded.</summary>
    public static bool IsThere => s_isThere.Value;

    /// <summary>ncclUniqueId: by it the processes of a group find one another.</summary>
    [InlineArray(Length)]
    public struct UniqueId
    {
        public const int Length = 128;
        private byte first;
    }

    /// <summary>ncclDataType_t.</summary>
    public enum DataType
    {
        Int8 = 0,
        Int32 = 2,
        Int64 = 4,
        Float32 = 7,
        Float64 = 8,
    }

    /// <summary>Turns a ncclResult_t into an exception.</summary>
    /// <exception cref="ProcessGroupException">The code is not ncclSuccess; the message begins with the operation.</exception>
    public static void Check(int code, string operation)
    {
        if (code != 0) throw new ProcessGroupException($"{operation}: {Marshal.PtrToStringUTF8(ncclGetErrorString(code))}");
    }

    /// <summary>Such as <c>2.27.5</c>; null where NCCL is missing.</summary>
    public static string? Version()
    {
        if (!IsThere) return null;
        int version;
        Check(ncclGetVersion(&version), "ncclGetVersion");
        return string.Create(CultureInfo.InvariantCulture, $"{version / 10000}.{version / 100 % 100}.{version % 100}");
    }

    [LibraryImport(Library)] public static partial int ncclGetUniqueId(UniqueId* id);
    [LibraryImport(Library)] public static partial int ncclCommInitRank(nint* communicator, int size, UniqueId id, int rank);
    [LibraryImport(Library)] public static partial int ncclCommDestroy(nint communicator);
    [LibraryImport(Library)]
    public static partial int ncclAllReduce(
        void* send, void* receive, nuint count, DataType type, int operation, nint communicator, nint stream);
    [LibraryImport(Library)]
    public static partial int ncclAllGather(void* send, void* receive, nuint count, DataType type, nint communicator, nint stream);
    [LibraryImport(Library)]
    public static partial int ncclBroadcast(
        void* send, void* receive, nuint count, DataType type, int root, nint communicator, nint stream);
    [LibraryImport(Library)] private static partial int ncclGetVersion(int* version);
    [LibraryImport(Library)] private static partial nint ncclGetErrorString(int code);
}
