using System.Runtime.InteropServices;
using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A copy of an array of any rank, in the same shape.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var type = ElementType(rawArray);
        var shape = new long[rawArray.Rank];
        for (var k = 0; k < shape.Length; k++)
            shape[k] = rawArray.GetLongLength(k);
        var tensor = empty(shape, type, CPU);
        var target = tensor.bytes;
        MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(rawArray), target.Length).CopyTo(target);
        return Finished(tensor.to(dtype ?? type, Target(device), disposeAfter: true), requires_grad, names);
    }

    /// <summary>A tensor over the array's own memory: writes to either show in both. The array stays pinned while the tensor lives.</summary>
    public static unsafe Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var type = ElementType(rawArray);
        if (type != dtype)
            throw new ArgumentException($"The array holds {type}, not {dtype}.");
        count = count < 0 ? rawArray.LongLength - offset : count;
        if (offset < 0 || offset + count > rawArray.LongLength)
            throw new ArgumentException($"Elements {offset} to {offset + count} lie outside an array of {rawArray.LongLength}.");
        var pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        var data = (byte*)pin.AddrOfPinnedObject() + (offset * Marshal.SizeOf(rawArray.GetType().GetElementType()!));
        nint handle;
        Shim.Check(Shim.dsl_tensor_from_memory(data, &count, 1, (int)dtype, &Unpin, (void*)GCHandle.ToIntPtr(pin), &handle), "frombuffer");
        return Finished(new Tensor(handle), requires_grad);
    }

    [UnmanagedCallersOnly]
    private static unsafe void Unpin(void* context) => GCHandle.FromIntPtr((nint)context).Free();

    private static ScalarType ElementType(Array array) => Elements.TypeOf(array.GetType().GetElementType()!)
        ?? throw new NotSupportedException($"Arrays of {array.GetType().GetElementType()!.Name} have no tensor type.");
}
