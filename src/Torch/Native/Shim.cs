using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataSsl.Torch.Native;

/// <summary>The C ABI of native/*.cpp. Functions that return an int return -1 for an error that <see cref="Error"/> describes.</summary>
internal static unsafe partial class Shim
{
    private const string Library = "datassl_torch";

    static Shim()
    {
        // Idle OpenMP threads spin for milliseconds by default, which starves small operators on a busy machine (measured: 3.4 ms in place of 0.09 ms for one); not at all costs a wake-up an
        // operator (a training step takes a fifth longer). A short spin bridges the gap between operators. The library reads this when it is loaded, from the native environment, which .NET's own
        // setter does not reach.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null) setenv("GOMP_SPINCOUNT", "3000", overwrite: 0);
        // OpenBLAS's own threads wait likewise, for 2 to this power cycles: a hundredth of a second by default, in which they take a core from those that compute.
        if (OperatingSystem.IsLinux()) setenv("OPENBLAS_THREAD_TIMEOUT", "14", overwrite: 0);
        // libtorch would start with one thread on some builds; PyTorch's own default is every core.
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null or "")
            Check(dsl_set_threads(Environment.ProcessorCount), "set_num_threads");
    }

    internal static int Check(int result, [CallerMemberName] string operation = "") => result >= 0 ? result : throw Error(operation);

    /// <summary>The failure of this thread's last call: the operation and libtorch's first line, without its C++ backtrace.</summary>
    internal static ExternalException Error(string operation)
    {
        var message = Text(dsl_error());
        var end = message.IndexOf('\n');
        return new ExternalException($"{operation}: {(end < 0 ? message : message[..end]).TrimEnd()}");
    }

    internal static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? "";

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport(Library)] internal static partial byte* dsl_error();
    [LibraryImport(Library)] internal static partial byte* dsl_version();
    [LibraryImport(Library)] internal static partial byte* dsl_config();
    [LibraryImport(Library)] internal static partial byte* dsl_library_path();
    [LibraryImport(Library)] internal static partial int dsl_get_threads();
    [LibraryImport(Library)] internal static partial int dsl_set_threads(int count);
    [LibraryImport(Library)] internal static partial int dsl_get_interop_threads();
    [LibraryImport(Library)] internal static partial int dsl_set_interop_threads(int count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint dsl_operator_find(string name, string overload);
    [LibraryImport(Library)] internal static partial int dsl_operator_call(nint op, Value* arguments, int count, Value* results, int capacity);

    [LibraryImport(Library)] internal static partial void dsl_tensor_free(nint tensor);
    [LibraryImport(Library)] internal static partial void dsl_tensor_list_free(nint list);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dsl_tensor_info(nint tensor, TensorInfo* info);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dsl_tensor_shape(nint tensor, long* sizes, long* strides);
    [LibraryImport(Library)] internal static partial int dsl_tensor_data(nint tensor, int toWrite, void** data);
    [LibraryImport(Library)] internal static partial nint dsl_frozen_new();
    [LibraryImport(Library)] internal static partial void dsl_frozen_free(nint frozen);
    [LibraryImport(Library)] internal static partial int dsl_frozen_convolution(nint frozen, nint input, nint weight, nint bias, long* window, nint* result);
    [LibraryImport(Library)]
    internal static partial int dsl_tensor_from_memory(
        void* data, long* sizes, int dimensions, int dtype, delegate* unmanaged<void*, void> deleter, void* context, nint* result);
}
