using System.Security.Cryptography;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests.Distributed;

/// <summary>One process of a group that <see cref="ProcessGroupTests"/> has mpirun start; what is wrong it throws.</summary>
internal static class MemberProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static int Main(string[] arguments)
    {
        var group = ProcessGroup.Join(Patience, Patience, what => Environment.FailFast(what))
            ?? throw new InvalidOperationException("mpirun did not start this process");
        using (group)
        {
            if (arguments is ["stop"]) Stop(group);
            else if (arguments is ["stop-waiting"]) StopWaiting(group);
            else Operate(group);
            group.Leave();
            return group.Stopping.IsCancellationRequested ? 143 : 0;
        }
    }

    private static void Operate(ProcessGroup group)
    {
        using var scope = NewDisposeScope();
        var (rank, size) = (group.Rank, group.Size);
        Assert.Equal((3, rank), (size, group.LocalRank));

        // Counts for which MPI takes different algorithms; what order they add in shows in the last bits.
        foreach (var count in new[] { 1, 1000, 3_000_001 })
        {
            using var generator = new Generator((ulong)rank);
            var values = randn(count, generator: generator);
            group.AllReduce(values);
            var bits = tensor(SHA256.HashData(values.bytes).Select(b => (long)b).ToArray());
            var all = group.AllGather(bits).view(size, -1);
            for (var other = 1; other < size; other++) Assert.Equal(all[0].data<long>().ToArray(), all[other].data<long>().ToArray());
        }
        var total = tensor(new double[] { 1, 2, 3 }) * Math.Pow(10, rank);
        group.AllReduce(total);
        Assert.Equal([111, 222, 333], total.data<double>().ToArray());

        // 256 + 1 + 1 is 258 in 32 bits, and 256 where each sum is rounded to bfloat16.
        var low = full(8, rank == 0 ? 256f : 1f).to(ScalarType.BFloat16);
        group.AllReduce(low);
        Assert.Equal(Enumerable.Repeat(258f, 8), low.to(ScalarType.Float32).data<float>().ToArray());

        // Of a tensor that is not contiguous.
        var gathered = group.AllGather((tensor(new float[] { 1, 3, 2, 4 }).view(2, 2) + (4 * rank)).t());
        Assert.Equal([6, 2], gathered.shape);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (float)i), gathered.data<float>().ToArray());

        var told = tensor(new long[] { 7 * rank, 9 });
        group.Broadcast(told, root: 1);
        Assert.Equal([7, 9], told.data<long>().ToArray());

        SumIsDifferentiable(group);
        var before = LiveTensors.Count;
        for (var i = 0; i < 20; i++) SumIsDifferentiable(group);
        Assert.True(LiveTensors.Count < before + 20, $"{LiveTensors.Count - before} tensors are left");

        // MPI takes no signal from .NET.
        Assert.Throws<NullReferenceException>(() => _ = ((string)null!).Length);
        group.Barrier();
    }

    /// <summary>Losses of 1, 2 and 3 times the sum: every term's gradient is the sum of theirs.</summary>
    private static void SumIsDifferentiable(ProcessGroup group)
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 5f + group.Rank }, requires_grad: true);
        var sum = group.Sum(x);
        Assert.Equal(18, sum.item<float>());
        ((group.Rank + 1) * sum).backward();
        Assert.Equal(6, x.grad!.item<float>());
    }

    private static void Stop(ProcessGroup group)
    {
        if (group.Rank == 2) group.AskToStop();
        else Assert.Throws<OperationCanceledException>(group.Barrier);
    }

    /// <summary>
    /// One waits for the others in an operation when it is told to stop, and they come before they hear of it: it must not leave them
    /// there.
    /// </summary>
    private static void StopWaiting(ProcessGroup group)
    {
        using var scope = NewDisposeScope();
        using var asking = new Timer(_ => group.AskToStop());
        group.Barrier();
        if (group.Rank == 0) asking.Change(TimeSpan.FromMilliseconds(500), Timeout.InfiniteTimeSpan);
        else Thread.Sleep(510);
        var sum = ones(100_000);
        Assert.Throws<OperationCanceledException>((Action)(() =>
        {
            while (true) group.AllReduce(sum);
        }));
        Assert.True(group.Stopping.IsCancellationRequested);
    }
}
