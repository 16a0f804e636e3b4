using System.Diagnostics;
using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>Operations over MPI, on tensors in the memory of the CPU.</summary>
/// <remarks>
/// Before each, the processes wait for one another without using a core, for some may have minutes of other work to do; MPI's own
/// operations wait busily, and are fast so. Which of its algorithms MPI takes is a function of size and number of processes, and each of
/// them computes a sum in one place: all processes get the same bits, in every run.
/// </remarks>
internal sealed unsafe class MpiCollectives(nint communicator, TimeSpan patience, CancellationToken stopping) : ICollectives
{
    // MPI counts in 32 bits.
    private const long MostBytes = 1L << 30;

    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(1);

    public void AllGather(Tensor tensor, Tensor all)
    {
        const string operation = "all_gather";
        var bytes = tensor.numel() * tensor.ElementSize;
        if (bytes > MostBytes) throw new ProcessGroupException($"{operation}: {bytes:N0} bytes of a process are more than {MostBytes:N0}");
        Arrive(operation);
        Mpi.Check(
            Mpi.MPI_Allgather(TensorMemory.Of(tensor), (int)bytes, Mpi.Byte, TensorMemory.Of(all), (int)bytes, Mpi.Byte, communicator),
            operation);
        GC.KeepAlive(tensor);
        GC.KeepAlive(all);
    }

    public void Broadcast(Tensor tensor, int root)
    {
        const string operation = "broadcast";
        var start = TensorMemory.Of(tensor);
        var bytes = tensor.numel() * tensor.ElementSize;
        Arrive(operation);
        for (var done = 0L; done < bytes; done += MostBytes)
            Mpi.Check(Mpi.MPI_Bcast(start + done, (int)Math.Min(MostBytes, bytes - done), Mpi.Byte, root, communicator), operation);
        GC.KeepAlive(tensor);
    }

    public void AllReduce(Tensor tensor)
    {
        const string operation = "all_reduce";
        var type = Mpi.Symbol(tensor.dtype switch
        {
            ScalarType.Float32 => "ompi_mpi_float",
            ScalarType.Float64 => "ompi_mpi_double",
            ScalarType.Int32 => "ompi_mpi_int32_t",
            ScalarType.Int64 => "ompi_mpi_int64_t",
            var other => throw new ArgumentException($"{operation}: no sums of {other}"),
        });
        var start = TensorMemory.Of(tensor);
        var (count, size) = (tensor.numel(), tensor.ElementSize);
        Arrive(operation);
        for (var done = 0L; done < count; done += MostBytes / size)
            Mpi.Check(
                Mpi.MPI_Allreduce(
                    Mpi.InPlace, start + (done * size), (int)Math.Min(MostBytes / size, count - done), type, Mpi.Sum, communicator),
                operation);
        GC.KeepAlive(tensor);
    }

    /// <summary>Returns when every process has come here.</summary>
    public void Arrive(string operation)
    {
        nint request;
        Mpi.Check(Mpi.MPI_Ibarrier(communicator, &request), operation);
        var since = Stopwatch.GetTimestamp();
        while (!Mpi.Test(&request, operation))
        {
            stopping.ThrowIfCancellationRequested();
            var waited = Stopwatch.GetElapsedTime(since);
            if (waited > patience)
                throw new ProcessGroupException($"{operation}: the other processes did not come within {patience.TotalMinutes:N0} minutes");
            if (waited > Brief) Thread.Sleep(1);
            else Thread.Yield();
        }
    }
}
