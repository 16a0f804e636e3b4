using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// Processes that compute together: over MPI for tensors on the CPU, over NCCL for those on CUDA devices. mpirun or srun starts them; every
/// process calls the same operations in the same order.
/// </summary>
/// <remarks>
/// Operations take part in no autograd but for <see cref="Sum"/>; they throw a <see cref="ProcessGroupException"/> where they fail. From
/// joining on the processes hear one another's pulse, so that a stopped one is noticed whatever it does; one that has died the launcher
/// notices, and ends the others.
/// </remarks>
public sealed class ProcessGroup : IDisposable
{
    // No engine adds 16-bit floats without rounding each sum: such tensors are summed in 32 bits, in stretches, so that they need no second
    // copy of their size.
    private const long Stretch = 1L << 22;
    private readonly ICollectives onCpu;
    private readonly PulseWatch? watch;
    private readonly MpiCollectives? together;
    private NcclCollectives? onCuda;

    internal ProcessGroup(int rank, int size, ICollectives onCpu) => (Rank, Size, LocalRank, this.onCpu) = (rank, size, rank, onCpu);

    private ProcessGroup(PulseWatch watch, TimeSpan patience)
    {
        this.watch = watch;
        (Rank, Size) = Mpi.Place(Mpi.World);
        LocalRank = Mpi.LocalRank();
        onCpu = together = new(Mpi.Duplicate(Mpi.World), patience, watch);
        watch.Met(new(Mpi.Duplicate(Mpi.World)));
    }

    /// <summary>This process's number, from 0.</summary>
    public int Rank { get; }

    /// <summary>Processes in the group.</summary>
    public int Size { get; }

    /// <summary>This process's number among those of its machine, from 0.</summary>
    public int LocalRank { get; }

    /// <summary>
    /// Cancelled when any process called <see cref="AskToStop"/>; the operation on the CPU that all come to next then ends in all of them
    /// with an <see cref="OperationCanceledException"/>, for which those that come to none are to <see cref="Leave"/>.
    /// </summary>
    public CancellationToken Stopping => watch?.Stopping ?? default;

    /// <summary>Of an operation whose failure could not be thrown where it happened.</summary>
    internal Exception? Failed { get; set; }

    /// <summary>Meets the other processes; null where no launcher started several, and then MPI is not touched.</summary>
    /// <param name="patience">How long an operation may wait for the others.</param>
    /// <param name="silence">How long a process may be silent, from now on.</param>
    /// <param name="lost">Called once, on a thread of its own, with a sentence about the process that has gone silent; the caller's thread
    /// may be held for good, so this is to end the process.</param>
    /// <exception cref="PlatformNotSupportedException">A launcher started several processes, and Open MPI is missing.</exception>
    /// <exception cref="ProcessGroupException">MPI does not start.</exception>
    public static ProcessGroup? Join(TimeSpan patience, TimeSpan silence, Action<string> lost)
    {
        var size = LaunchVariables.Size;
        if (size == 1) return null;
        if (!Mpi.IsThere) throw new PlatformNotSupportedException(MpiInfo.Mend);
        var watch = new PulseWatch(silence, lost);
        try
        {
            Mpi.Start();
            var met = Mpi.Place(Mpi.World).Size;
            if (met != size)
                throw new ProcessGroupException(
                    $"the launcher started {size} processes and MPI knows of {met}: start them with Open MPI's own mpirun, or with srun --mpi=pmix");
            return new(watch, patience);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Meets the others by NCCL too, if the device is of CUDA: all processes call this, each with a device of its own.</summary>
    /// <exception cref="PlatformNotSupportedException">NCCL is missing.</exception>
    /// <exception cref="ProcessGroupException">NCCL does not start.</exception>
    public void Use(Device device)
    {
        if (device.type != DeviceType.CUDA) return;
        if (!Nccl.IsThere) throw new PlatformNotSupportedException(NcclInfo.Mend);
        onCuda = new(Rank, Size, device, id => Broadcast(id));
    }

    /// <summary>
    /// Sums a contiguous tensor over the processes, in place; all get the same bits. 16-bit floats are summed in 32 bits.
    /// </summary>
    public void AllReduce(Tensor tensor)
    {
        if (tensor.dtype is not (ScalarType.BFloat16 or ScalarType.Float16))
        {
            Engine(tensor).AllReduce(tensor);
            return;
        }
        using var grad = no_grad();
        using var flat = tensor.view(-1);
        for (var start = 0L; start < flat.numel(); start += Stretch)
        {
            using var part = flat.narrow(0, start, Math.Min(Stretch, flat.numel() - start));
            using var wide = part.to(ScalarType.Float32);
            Engine(wide).AllReduce(wide);
            part.copy_(wide);
        }
    }

    /// <summary>
    /// The sum of a tensor over the processes, which autograd sees: the gradient of a term is the sum of the processes' gradients, so each
    /// must go backward too.
    /// </summary>
    public Tensor Sum(Tensor term) => SumOverProcesses.apply(this, term);

    /// <summary>The processes' tensors, of one shape, behind one another in the order of ranks: [N, …] -> [size * N, …].</summary>
    public Tensor AllGather(Tensor tensor)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var gathered = empty([Size, .. tensor.shape], dtype: tensor.dtype, device: tensor.device);
        Engine(tensor).AllGather(tensor.contiguous(), gathered);
        return gathered.flatten(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Overwrites a contiguous tensor with that of one process.</summary>
    public void Broadcast(Tensor tensor, int root = 0) => Engine(tensor).Broadcast(tensor, root);

    /// <summary>Returns when every process has come here.</summary>
    public void Barrier()
    {
        using var one = ones([1], dtype: ScalarType.Int32);
        AllReduce(one);
    }

    /// <summary>Whether any process says yes: all come to the same answer, by the CPU, so that no accelerator waits.</summary>
    public bool Any(bool own)
    {
        using var votes = tensor(new[] { own ? 1 : 0 });
        AllReduce(votes);
        return votes.item<int>() > 0;
    }

    /// <summary>Asks all processes to stop, see <see cref="Stopping"/>.</summary>
    public void AskToStop() => watch?.AskToStop();

    /// <summary>
    /// Ends the group once every process has come here. Who exits without it has failed, and the launcher ends the others; so what a
    /// process does last in good order is this.
    /// </summary>
    /// <exception cref="ProcessGroupException">The others are gone.</exception>
    public void Leave()
    {
        if (watch is null) return;
        together!.Leave();
        watch.Dispose();
        onCuda?.Dispose();
        Mpi.Check(Mpi.MPI_Finalize(), "leaving");
    }

    /// <summary>Ends this process's part in the watch, without waiting for anybody.</summary>
    public void Dispose() => watch?.Dispose();

    private ICollectives Engine(Tensor tensor)
    {
        if (Failed is { } failed) throw failed;
        return tensor.device_type == DeviceType.CPU
            ? onCpu
            : onCuda ?? throw new InvalidOperationException($"no process group on {tensor.device}");
    }
}
