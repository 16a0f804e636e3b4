using System.Runtime.InteropServices;

namespace DataSsl.Torch.Native;

internal static unsafe partial class Shim
{
    [LibraryImport(Library)] internal static partial int dsl_device_count(int type);
    [LibraryImport(Library)] internal static partial int dsl_device_synchronize(int type, int index);
    [LibraryImport(Library)] internal static partial int dsl_has_cudnn();
    [LibraryImport(Library)] internal static partial void dsl_allow_tf32(int cublas, int cudnn);
    [LibraryImport(Library)] internal static partial int dsl_get_allow_tf32(int cudnn);

    [LibraryImport(Library)] internal static partial int dsl_manual_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int dsl_generator_default(int type, int index, nint* result);
    [LibraryImport(Library)] internal static partial int dsl_generator_new(int type, int index, ulong seed, nint* result);
    [LibraryImport(Library)] internal static partial void dsl_generator_free(nint generator);
    [LibraryImport(Library)] internal static partial int dsl_generator_set_seed(nint generator, ulong seed);
    [LibraryImport(Library)] internal static partial int dsl_generator_seed(nint generator, ulong* seed);
    [LibraryImport(Library)] internal static partial int dsl_generator_initial_seed(nint generator, ulong* seed);
    [LibraryImport(Library)] internal static partial int dsl_generator_get_state(nint generator, nint* state);
    [LibraryImport(Library)] internal static partial int dsl_generator_set_state(nint generator, nint state);
}
