#if SYSTEM_LIBTORCH
using DataSsl.Torch.Native;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>c10d's process group behind the shim.</summary>
internal sealed unsafe class NativeGroup : IDisposable
{
    private nint handle;

    private NativeGroup(nint handle) => this.handle = handle;

    ~NativeGroup() => Free();

    public static bool IsAvailable(string backend) => Shim.dsl_group_available(backend) == 1;

    public static string Missing(string backend) => backend == "nccl"
        ? "process groups on CUDA devices need NCCL, and this build has none: it takes the libtorch of a PyTorch with CUDA (LIBTORCH) with nccl.h and cuda_runtime_api.h beside it; build again where they are"
        : "process groups on the CPU need Gloo, and this build has none: on Debian, apt-get install libgloo-dev and build again; the libtorch of a PyTorch wheel comes without Gloo's headers";

    public static NativeGroup Join(string backend, Rendezvous place, TimeSpan timeout)
    {
        nint handle;
        Check(
            Shim.dsl_group_new(backend, place.Address, place.Port, place.Rank, place.Size, place.Rank == 0 && !place.HasAgent ? 1 : 0, place.Prefix, (long)timeout.TotalMilliseconds, &handle),
            $"rank {place.Rank} of {place.Size} joining at {place.Address}:{place.Port}");
        return new(handle);
    }

    public void AllReduce(Tensor tensor) => Check(Shim.dsl_group_all_reduce(handle, tensor.Handle), "all_reduce");

    public Tensor Sum(Tensor term)
    {
        nint total;
        Check(Shim.dsl_group_sum(handle, term.Handle, &total), "sum");
        return new(total);
    }

    public void AllGather(Tensor tensor, Tensor[] parts)
    {
        var handles = Array.ConvertAll(parts, part => part.Handle);
        fixed (nint* first = handles) Check(Shim.dsl_group_all_gather(handle, tensor.Handle, first, handles.Length), "all_gather");
        GC.KeepAlive(parts);
    }

    public void Broadcast(Tensor tensor, int root) => Check(Shim.dsl_group_broadcast(handle, tensor.Handle, root), "broadcast");

    public void Pulse(int watch, int rank, long add, long[] counts)
    {
        fixed (long* first = counts) Check(Shim.dsl_group_pulse(handle, watch, rank, counts.Length, add, first), "pulse");
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref handle, 0) is not 0 and var mine) Shim.dsl_group_free(mine);
    }

    private static void Check(int result, string operation)
    {
        if (result < 0) throw new ProcessGroupException(Shim.Error(operation).Message);
    }
}
#endif
