using System.Runtime.InteropServices;

namespace DataSsl.Torch.Native;

internal static unsafe partial class Shim
{
    [LibraryImport(Library)] internal static partial int dsl_set_requires_grad(nint tensor, int value);
    [LibraryImport(Library)] internal static partial int dsl_get_grad(nint tensor, nint* grad);
    [LibraryImport(Library)] internal static partial int dsl_set_grad(nint tensor, nint grad);
    [LibraryImport(Library)] internal static partial int dsl_retain_grad(nint tensor);
    [LibraryImport(Library)]
    internal static partial int dsl_backward(nint* roots, nint* grads, int count, int retainGraph, int createGraph, nint* inputs, int inputCount);
    [LibraryImport(Library)]
    internal static partial int dsl_grad(
        nint* outputs, nint* grads, int count, nint* inputs, int inputCount, int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dsl_get_grad_mode();
    [LibraryImport(Library), SuppressGCTransition] internal static partial void dsl_set_grad_mode(int enabled);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dsl_get_inference_mode();
    [LibraryImport(Library)] internal static partial nint dsl_inference_mode_enter(int enabled);
    [LibraryImport(Library)] internal static partial void dsl_inference_mode_leave(nint guard);
}
