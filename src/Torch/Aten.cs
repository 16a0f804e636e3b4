using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// libtorch's own stable C ABI (2.10), which libtorch_cpu exports: any ATen operator by its schema name, some directly, and what a tensor
/// is without a copy of it. A TorchSharp handle is an at::Tensor*, as an AtenTensorHandle is, so both speak of the same objects. No C++ is
/// compiled.
/// </summary>
internal static unsafe partial class Aten
{
    private const string Library = "torch_cpu";

    private static readonly Lazy<nint> s_library = new(
        () => NativeLibrary.TryLoad(Library, typeof(Aten).Assembly, null, out var handle) ? handle : 0);

    private static readonly Lazy<bool> s_hasDispatcher = new(() => Symbol("torch_call_dispatcher") != 0);

    /// <summary>The address of a symbol of libtorch or of what it is linked with; 0 where there is none.</summary>
    public static nint Symbol(string name) =>
        s_library.Value != 0 && NativeLibrary.TryGetExport(s_library.Value, name, out var address) ? address : 0;

    /// <summary>The first value of a tensor. The tensor must be kept alive.</summary>
    public static void* Data(Tensor tensor)
    {
        void* data;
        Check(aoti_torch_get_data_ptr(tensor.Handle, &data), "get_data_ptr");
        return data;
    }

    /// <summary>
    /// The sides of a tensor, as libtorch has them: while the tensor is kept alive. TorchSharp's property makes an array at each call.
    /// </summary>
    public static ReadOnlySpan<long> Sizes(Tensor tensor)
    {
        long dimensions;
        long* sizes;
        Check(aoti_torch_get_dim(tensor.Handle, &dimensions), "dim");
        Check(aoti_torch_get_sizes(tensor.Handle, &sizes), "sizes");
        return new(sizes, (int)dimensions);
    }

    /// <summary>Whether [N, C, H, W] lies pixel by pixel, channels together. Sides of 1 may have any stride.</summary>
    public static bool IsChannelsLast(Tensor tensor)
    {
        var sizes = Sizes(tensor);
        if (sizes.Length != 4) return false;
        long* strides;
        Check(aoti_torch_get_strides(tensor.Handle, &strides), "strides");
        var expected = 1L;
        foreach (var dimension in (ReadOnlySpan<int>)[1, 3, 2, 0])
        {
            if (sizes[dimension] == 1) continue;
            if (strides[dimension] != expected) return false;
            expected *= sizes[dimension];
        }
        GC.KeepAlive(tensor);
        return true;
    }

    /// <summary>
    /// The sums of weighted rows of a matrix, bag by bag, in autograd by the matrix; null where this libtorch has no such call.
    /// </summary>
    public static Tensor? EmbeddingBag(Tensor rows, Tensor indices, Tensor offsets, Tensor weights)
    {
        if (!s_hasDispatcher.Value) return null;
        var stack = stackalloc ulong[8];
        stack[0] = Copy(rows);
        stack[1] = Copy(indices);
        stack[2] = Copy(offsets);
        // Neither scaled by frequency, nor a sparse gradient; mode 0 is the sum.
        (stack[3], stack[4], stack[5]) = (0, 0, 0);
        var optional = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *optional = Copy(weights);
        stack[6] = (ulong)optional;
        stack[7] = 0;
        fixed (byte* name = "aten::embedding_bag\0"u8, overload = "\0"u8)
            Check(torch_call_dispatcher(name, overload, stack, aoti_torch_abi_version()), "embedding_bag");
        GC.KeepAlive((rows, indices, offsets, weights));
        // The others tell a mean or a maximum what it was taken of.
        for (var i = 1; i < 4; i++) Tensor.UnsafeCreateTensor((nint)stack[i]).Dispose();
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    /// <summary>Another handle of the same tensor, for a callee that takes it.</summary>
    private static ulong Copy(Tensor tensor)
    {
        nint copy;
        Check(aoti_torch_new_tensor_handle(tensor.Handle, &copy), "new_tensor_handle");
        return (ulong)copy;
    }

    /// <summary>libtorch keeps the words of such a failure to itself.</summary>
    private static void Check(int code, string operation)
    {
        if (code != 0) throw new ExternalException($"libtorch refused {operation} (code {code})");
    }

    [LibraryImport(Library)] private static partial int aoti_torch_get_data_ptr(nint tensor, void** data);

    [LibraryImport(Library)] private static partial int aoti_torch_get_dim(nint tensor, long* dimensions);

    [LibraryImport(Library)] private static partial int aoti_torch_get_sizes(nint tensor, long** sizes);

    [LibraryImport(Library)] private static partial int aoti_torch_get_strides(nint tensor, long** strides);

    [LibraryImport(Library)] private static partial int aoti_torch_new_tensor_handle(nint tensor, nint* copy);

    [LibraryImport(Library)] private static partial ulong aoti_torch_abi_version();

    [LibraryImport(Library)] private static partial int torch_call_dispatcher(byte* name, byte* overload, ulong* stack, ulong version);
}
