using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>Operations over NCCL, on tensors in the memory of this process's CUDA device.</summary>
/// <remarks>
/// They are queued on the default stream, which is also TorchSharp's: what is computed before and after is in order, and reading a result
/// waits for it.
/// </remarks>
internal sealed unsafe partial class NcclCollectives : ICollectives, IDisposable
{
    private const nint DefaultStream = 0;
    private readonly nint communicator;

    /// <summary>Meets the others by an identifier that the first process makes and <paramref name="tell"/> broadcasts.</summary>
    public NcclCollectives(int rank, int size, Device device, Action<Tensor> tell)
    {
        Nccl.UniqueId id;
        if (rank == 0) Nccl.Check(Nccl.ncclGetUniqueId(&id), "starting NCCL");
        var bytes = new Span<byte>(&id, Nccl.UniqueId.Length);
        using (var told = tensor(bytes.ToArray()))
        {
            tell(told);
            told.data<byte>().ToArray().CopyTo(bytes);
        }
        // A communicator belongs to the device that is current where it is made.
        nint guard, made;
        if (aoti_torch_create_cuda_guard(device.index < 0 ? 0 : device.index, &guard) != 0)
            throw new ProcessGroupException($"starting NCCL: {device} cannot be used");
        try
        {
            Nccl.Check(Nccl.ncclCommInitRank(&made, size, id, rank), "starting NCCL");
        }
        finally
        {
            _ = aoti_torch_delete_cuda_guard(guard);
        }
        communicator = made;
    }

    public void AllReduce(Tensor tensor)
    {
        var memory = TensorMemory.Of(tensor);
        Nccl.Check(
            Nccl.ncclAllReduce(memory, memory, (nuint)tensor.numel(), Type(tensor.dtype), Nccl.Sum, communicator, DefaultStream),
            "all_reduce");
    }

    public void AllGather(Tensor tensor, Tensor all) => Nccl.Check(
        Nccl.ncclAllGather(TensorMemory.Of(tensor), TensorMemory.Of(all), Bytes(tensor), Nccl.DataType.Int8, communicator, DefaultStream),
        "all_gather");

    public void Broadcast(Tensor tensor, int root)
    {
        var memory = TensorMemory.Of(tensor);
        Nccl.Check(Nccl.ncclBroadcast(memory, memory, Bytes(tensor), Nccl.DataType.Int8, root, communicator, DefaultStream), "broadcast");
    }

    public void Dispose() => _ = Nccl.ncclCommDestroy(communicator);

    private static nuint Bytes(Tensor tensor) => (nuint)(tensor.numel() * tensor.ElementSize);

    private static Nccl.DataType Type(ScalarType type) => type switch
    {
        ScalarType.Float32 => Nccl.DataType.Float32,
        ScalarType.Float64 => Nccl.DataType.Float64,
        ScalarType.Int32 => Nccl.DataType.Int32,
        ScalarType.Int64 => Nccl.DataType.Int64,
        var other => throw new ArgumentException($"all_reduce: no sums of {other}"),
    };

    [LibraryImport("torch_cuda")] private static partial int aoti_torch_create_cuda_guard(int device, nint* guard);
    [LibraryImport("torch_cuda")] private static partial int aoti_torch_delete_cuda_guard(nint guard);
}
