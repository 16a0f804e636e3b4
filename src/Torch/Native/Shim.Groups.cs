using System.Runtime.InteropServices;

namespace DataSsl.Torch.Native;

internal static unsafe partial class Shim
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int dsl_group_available(string backend);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int dsl_group_new(string backend, string host, int port, int rank, int size, int listen, string prefix, long timeoutMilliseconds, nint* result);
    [LibraryImport(Library)] internal static partial void dsl_group_free(nint group);
    [LibraryImport(Library)] internal static partial int dsl_group_all_reduce(nint group, nint tensor);
    [LibraryImport(Library)] internal static partial int dsl_group_sum(nint group, nint term, nint* total);
    [LibraryImport(Library)] internal static partial int dsl_group_all_gather(nint group, nint input, nint* parts, int count);
    [LibraryImport(Library)] internal static partial int dsl_group_pulse(nint group, int watch, int rank, int size, long add, long* counts);
    [LibraryImport(Library)] internal static partial int dsl_group_broadcast(nint group, nint tensor, int root);
}
