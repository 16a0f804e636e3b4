using System.Runtime.InteropServices;
using TorchSharp;

namespace DataSsl.Torch.Emitted;

/// <summary>
/// oneDNN's convolution by libtorch's own C functions, which TorchSharp has no names for: with weights that are laid out ahead, and with
/// the sum and the function behind it in the same pass. A TorchSharp handle is what these functions take for a tensor.
/// </summary>
internal static class OneDnnConvolution
{
    private const string Library = "torch_cpu";
    private const int Success = 0;

    private static readonly long[] s_dilation = [1, 1];
    private static readonly byte[] s_none = [.. "none\0"u8], s_relu = [.. "relu\0"u8], s_clamp = [.. "hardtanh\0"u8];
    private static readonly byte[] s_add = [.. "add\0"u8];
    private static readonly byte[] s_reorder = [.. "mkldnn::_reorder_convolution_weight\0"u8], s_version = [.. "aten::_version\0"u8];
    private static readonly byte[] s_default = [0];

    /// <summary>0 and 6, which a relu6 lies between, and where they stand; for as long as the program runs.</summary>
    private static readonly nint[] s_sixBounds = [Lasting(0), Lasting(6)];

    /// <summary>Whether this libtorch has them: version 2.10 with oneDNN.</summary>
    public static bool IsThere { get; } = NativeLibrary.TryLoad(Library, typeof(OneDnnConvolution).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, nameof(aoti_torch_cpu_mkldnn__convolution_pointwise_binary), out _)
        && NativeLibrary.TryGetExport(library, nameof(torch_call_dispatcher), out _);

    /// <summary>Whether it computes with images and weights of their types and devices.</summary>
    public static bool Takes(torch.Tensor x, torch.Tensor weight) =>
        IsThere && x.device_type == DeviceType.CPU && weight.device_type == DeviceType.CPU && x.dtype == weight.dtype
            && x.dtype is torch.ScalarType.Float32 or torch.ScalarType.BFloat16;

    /// <summary>
    /// Weights [C', C / groups, kH, kW] as oneDNN wants them for images of a shape: an opaque tensor that only its convolutions take; null
    /// where it takes none of this type and shape on this processor.
    /// </summary>
    public static torch.Tensor? Lay(torch.Tensor weight, long[] padding, long[] stride, long groups, long[] images)
    {
        // The callee takes what lies on the stack: tensors, lists and the memory of what may be missing.
        var optional = Marshal.AllocHGlobal(sizeof(long));
        Marshal.WriteInt64(optional, ListOf(images));
        long[] stack = [Another(weight), ListOf(padding), ListOf(stride), ListOf(s_dilation), groups, optional];
        var code = torch_call_dispatcher(s_reorder, s_default, stack, aoti_torch_abi_version());
        GC.KeepAlive(weight);
        return code == Success ? torch.Tensor.UnsafeCreateTensor((nint)stack[0]) : null;
    }

    /// <summary>
    /// function(convolution(x) + bias + added): [N, C, H, W] -> [N, C', H', W'], by weights that were laid out ahead or lie as they are.
    /// The bias is [C'] or none, what is added a map of the result's shape or none, the function "none", "relu" or, where nothing is
    /// added, "relu6".
    /// </summary>
    public static torch.Tensor Run(
        torch.Tensor x, torch.Tensor laid, torch.Tensor? bias, long[] padding, long[] stride, long groups, torch.Tensor? added = null,
        string function = "none")
    {
        nint[]? shift = bias is null ? null : [bias.Handle];
        nint result;
        if (added is null)
            Check(
                aoti_torch_cpu_mkldnn__convolution_pointwise(
                    x.Handle, laid.Handle, shift, padding, padding.Length, stride, stride.Length, s_dilation, s_dilation.Length, groups,
                    function == "relu" ? s_relu : function == "relu6" ? s_clamp : s_none, function == "relu6" ? s_sixBounds : null,
                    function == "relu6" ? s_sixBounds.Length : 0, 0, out result));
        else
        {
            var relu = GCHandle.Alloc(s_relu, GCHandleType.Pinned);
            Check(
                aoti_torch_cpu_mkldnn__convolution_pointwise_binary(
                    x.Handle, added.Handle, laid.Handle, shift, padding, padding.Length, stride, stride.Length, s_dilation,
                    s_dilation.Length, groups, s_add, 0, function == "relu" ? [relu.AddrOfPinnedObject()] : null, null, 0, 0, out result));
            relu.Free();
        }
        GC.KeepAlive((x, laid, bias, added));
        return torch.Tensor.UnsafeCreateTensor(result);
    }

    /// <summary>How often a tensor's values were written: what was made of it holds while that stays.</summary>
    public static long Writes(torch.Tensor tensor)
    {
        long[] stack = [Another(tensor)];
        Check(torch_call_dispatcher(s_version, s_default, stack, aoti_torch_abi_version()));
        return stack[0];
    }

    /// <summary>Where a number stands that is never freed.</summary>
    private static nint Lasting(double value)
    {
        var at = Marshal.AllocHGlobal(sizeof(double));
        Marshal.WriteInt64(at, BitConverter.DoubleToInt64Bits(value));
        return at;
    }

    /// <summary>Another handle of the same tensor, for a callee that takes it.</summary>
    private static long Another(torch.Tensor tensor)
    {
        Check(aoti_torch_new_tensor_handle(tensor.Handle, out var handle));
        return handle;
    }

    private static long ListOf(long[] values)
    {
        Check(torch_new_list_reserve_size((nuint)values.Length, out var list));
        foreach (var value in values) Check(torch_list_push_back(list, value));
        return list;
    }

    /// <summary>libtorch keeps the words of such a failure to itself.</summary>
    private static void Check(int code)
    {
        if (code != Success) throw new ExternalException($"libtorch refused a convolution (code {code})");
    }

    [DllImport(Library)]
    private static extern int aoti_torch_cpu_mkldnn__convolution_pointwise(
        nint x, nint weight, nint[]? bias, long[] padding, long paddings, long[] stride, long strides, long[] dilation, long dilations,
        long groups, byte[] function, nint[]? bounds, long count, nint algorithm, out nint result);

    [DllImport(Library)]
    private static extern int aoti_torch_cpu_mkldnn__convolution_pointwise_binary(
        nint x, nint added, nint weight, nint[]? bias, long[] padding, long paddings, long[] stride, long strides, long[] dilation,
        long dilations, long groups, byte[] join, nint factor, nint[]? function, nint[]? bounds, long count, nint algorithm,
        out nint result);

    [DllImport(Library)]
    private static extern int torch_call_dispatcher(byte[] name, byte[] overload, [In, Out] long[] stack, ulong version);

    [DllImport(Library)]
    private static extern ulong aoti_torch_abi_version();

    [DllImport(Library)]
    private static extern int aoti_torch_new_tensor_handle(nint tensor, out nint another);

    [DllImport(Library)]
    private static extern int torch_new_list_reserve_size(nuint size, out nint list);

    [DllImport(Library)]
    private static extern int torch_list_push_back(nint list, long value);
}
