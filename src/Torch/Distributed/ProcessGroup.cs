using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// Processes that compute together, over libtorch's own c10d: Gloo for tensors on the CPU, NCCL for those on CUDA devices. Every process calls the same operations in the same order.
/// </summary>
/// <remarks>Operations take part in no autograd but for <see cref="Sum"/>. All throw a <see cref="ProcessGroupException"/> when another process is gone, at once with Gloo.</remarks>
public sealed class ProcessGroup : IDisposable
{
    // Gloo adds no bfloat16: such tensors are summed in 32 bits, in stretches, so that they need no second copy of their size.
    private const long Stretch = 1L << 22;
    private readonly NativeGroup native;
    private readonly string backend;
    private int watches;

    private ProcessGroup(NativeGroup native, string backend, Rendezvous place, Device device) =>
        (this.native, this.backend, Rank, Size, Device) = (native, backend, place.Rank, place.Size, device);

    /// <summary>This process's number, from 0.</summary>
    public int Rank { get; }

    /// <summary>Processes in the group.</summary>
    public int Size { get; }

    /// <summary>Where the tensors of all operations lie.</summary>
    public Device Device { get; }

    /// <summary>Whether groups over tensors on a device can be made here.</summary>
    public static bool IsAvailable(Device device) => NativeGroup.IsAvailable(Backend(device));

    /// <summary>What is missing where <see cref="IsAvailable"/> says no, and the mend.</summary>
    public static string WhyMissing(Device device) => NativeGroup.Missing(Backend(device));

    /// <summary>Waits for all processes of the group and joins it.</summary>
    /// <param name="place">Who and where.</param>
    /// <param name="device">Where the tensors of all operations will lie.</param>
    /// <param name="timeout">How long joining, and every operation after it, may wait for the others.</param>
    /// <exception cref="PlatformNotSupportedException">This libtorch, or the shim's build against it, has no back end for the device.</exception>
    /// <exception cref="ProcessGroupException">The others did not come.</exception>
    public static ProcessGroup Join(Rendezvous place, Device device, TimeSpan timeout)
    {
        var backend = Backend(device);
        if (!NativeGroup.IsAvailable(backend)) throw new PlatformNotSupportedException(WhyMissing(device));
        return new(NativeGroup.Join(backend, place, timeout), backend, place, device);
    }

    /// <summary>Sums a contiguous tensor over the processes, in place; all get the same bits.</summary>
    public void AllReduce(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.BFloat16 || backend != "gloo")
        {
            native.AllReduce(tensor);
            return;
        }
        using var grad = no_grad();
        using var flat = tensor.view(-1);
        for (var start = 0L; start < flat.numel(); start += Stretch)
        {
            using var part = flat.narrow(0, start, Math.Min(Stretch, flat.numel() - start));
            using var wide = part.to(ScalarType.Float32);
            native.AllReduce(wide);
            part.copy_(wide);
        }
    }

    /// <summary>The sum of a tensor over the processes, which autograd sees: the gradient of a term is the sum of the processes' gradients, so each must go backward too.</summary>
    public Tensor Sum(Tensor term) => native.Sum(term);

    /// <summary>The processes' tensors, of one shape, behind one another in the order of ranks: [N, …] -> [size * N, …].</summary>
    public Tensor AllGather(Tensor tensor)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var gathered = empty([Size, .. tensor.shape], dtype: tensor.dtype, device: tensor.device);
        native.AllGather(tensor.contiguous(), [.. Enumerable.Range(0, Size).Select(rank => gathered.select(0, rank))]);
        return gathered.flatten(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Overwrites a contiguous tensor with that of one process.</summary>
    public void Broadcast(Tensor tensor, int root = 0) => native.Broadcast(tensor, root);

    /// <summary>Returns when every process has come here.</summary>
    public void Barrier()
    {
        using var one = ones([1], dtype: ScalarType.Int32, device: Device);
        native.AllReduce(one);
        // NCCL only queues the sum; reading it waits.
        one.item<int>();
    }

    /// <summary>
    /// Does a stretch of work that all processes do, and meanwhile notices those that no operation would: stopped ones, those of a machine without power, and with NCCL dead ones too. Returns when the
    /// work of all is done; where this one's fails, at once.
    /// </summary>
    /// <param name="patience">How long a process may be silent.</param>
    /// <param name="lost">Called once, on a thread of its own, with the rank that has gone silent; the caller's thread may be held for good by an operation, so this is to end the process.</param>
    /// <param name="work">What to do.</param>
    public void Watch(TimeSpan patience, Action<int> lost, Action work)
    {
        using var watch = new PulseWatch(native, watches++, Rank, Size, patience, lost);
        work();
        watch.Done();
        // The store lives in the first process, and must outlive the others' watches.
        Barrier();
    }

    /// <summary>Leaves the group.</summary>
    public void Dispose() => native.Dispose();

    private static string Backend(Device device) => device.type == DeviceType.CUDA ? "nccl" : "gloo";
}
