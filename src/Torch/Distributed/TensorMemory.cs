using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>Where a tensor's values lie.</summary>
internal static unsafe partial class TensorMemory
{
    /// <summary>
    /// Address of the first value of a contiguous tensor, on its device. The caller keeps the tensor alive as long as it uses the address.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not contiguous.</exception>
    public static byte* Of(Tensor tensor)
    {
        if (!tensor.is_contiguous()) throw new ArgumentException("processes exchange contiguous tensors only", nameof(tensor));
        nint address;
        return aoti_torch_get_data_ptr(tensor.Handle, &address) == 0
            ? (byte*)address
            : throw new InvalidOperationException("a tensor has no memory");
    }

    /// <summary>Of libtorch's stable C ABI, in which a TorchSharp handle is a tensor.</summary>
    [LibraryImport("torch_cpu")] private static partial int aoti_torch_get_data_ptr(nint tensor, nint* address);
}
