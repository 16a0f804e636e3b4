using System.Diagnostics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>Operations over MPI, on tensors in the memory of the CPU.</summary>
/// <remarks>
/// Before each, the processes wait for one another without using a core, for some may have minutes of other work to do; MPI's own
/// operations wait busily, and are fast so. Which of its algorithms MPI takes is a function of size and number of processes, and each of
/// them computes a sum in one place: all processes get the same bits, in every run.
/// <para>
/// Where they meet they also agree whether to go on: one that gave up on its own could not take back that it had come, and the others would
/// wait for it within the operation for good.
/// </para>
/// </remarks>
/// <param name="communicator">Of its own, for operations alone.</param>
/// <param name="patience">How long an operation may wait for the others.</param>
/// <param name="watch">
/// Knows whether this process is to stop: once any is, the operation that all come to next ends so in all of them.
/// </param>
internal sealed unsafe class MpiCollectives(nint communicator, TimeSpan patience, PulseWatch watch) : ICollectives
{
    // MPI counts in 32 bits.
    private const long MostBytes = 1L << 30;

    // Votes of a meeting are added up: below the second no process is to stop.
    private const int HasDone = 1, IsToStop = 1 << 16;

    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(1);
    private readonly int* votes = (int*)NativeMemory.Alloc(2 * sizeof(int));
    private bool hasParted;

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

    /// <summary>Returns when every process has come here, none of them to an operation any more.</summary>
    public void Leave()
    {
        if (!hasParted) Meet("leaving", watch.IsToStop ? IsToStop : HasDone, TimeSpan.MaxValue);
        // The first of both may have ended others' operations, after which these have something to say and to save.
        Meet("leaving", HasDone, TimeSpan.MaxValue);
    }

    private void Arrive(string operation)
    {
        var said = Meet(operation, watch.IsToStop ? IsToStop : 0, patience);
        if (said == 0) return;
        hasParted = true;
        if (said < IsToStop) throw new ProcessGroupException($"{operation}: other processes have done all that they had to do");
        watch.Stop();
        throw new OperationCanceledException(watch.Stopping);
    }

    /// <summary>Waits for all processes; the sum of their votes.</summary>
    private int Meet(string operation, int vote, TimeSpan longest)
    {
        nint request;
        votes[0] = vote;
        Mpi.Check(Mpi.MPI_Iallreduce(votes, votes + 1, 1, Mpi.Integer, Mpi.Sum, communicator, &request), operation);
        var since = Stopwatch.GetTimestamp();
        while (!Mpi.Test(&request, operation))
        {
            var waited = Stopwatch.GetElapsedTime(since);
            if (waited > longest)
                throw new ProcessGroupException($"{operation}: the other processes did not come within {longest.TotalMinutes:N0} minutes");
            if (waited > Brief) Thread.Sleep(1);
            else Thread.Yield();
        }
        return votes[1];
    }
}
