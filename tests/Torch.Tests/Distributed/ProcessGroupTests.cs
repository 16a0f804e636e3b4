using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests.Distributed;

/// <summary>This process as rank 0 and PyTorch's own torch.distributed as rank 1.</summary>
public sealed class ProcessGroupTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public void Every_operation_means_what_torch_distributed_means()
    {
        using var scope = NewDisposeScope();
        var (group, peer) = Meet("leave");
        using (peer)
        using (group)
        {
            Operate(group);
            peer.WaitForExit();
            Assert.True(peer.ExitCode == 0, peer.StandardError.ReadToEnd());
        }
    }

    [SkippableFact]
    public void A_peer_that_is_killed_fails_the_next_operation_at_once_and_by_name()
    {
        using var scope = NewDisposeScope();
        var (group, peer) = Meet("stay");
        using (peer)
        using (group)
        {
            Operate(group);
            Assert.Equal("ready", peer.StandardOutput.ReadLine());
            peer.Kill();
            peer.WaitForExit();
            var watch = Stopwatch.StartNew();
            var error = Assert.Throws<ProcessGroupException>(() => group.AllReduce(ones(3)));
            Assert.StartsWith("all_reduce: ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            Assert.StartsWith("all_gather: ", Assert.Throws<ProcessGroupException>(() => group.AllGather(ones(3))).Message, StringComparison.Ordinal);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        }
    }

    [SkippableFact]
    public void Who_waits_in_vain_is_told_where()
    {
        Skip.IfNot(ProcessGroup.IsAvailable(CPU), "libtorch has no Gloo here");
        var port = FreePort();
        var error = Assert.Throws<ProcessGroupException>(() => ProcessGroup.Join(new(0, 2, 0, "127.0.0.1", port), CPU, TimeSpan.FromSeconds(1)));
        Assert.StartsWith($"rank 0 of 2 joining at 127.0.0.1:{port}: ", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_watch_tells_who_has_gone_silent_and_lets_those_who_are_done_be()
    {
        Skip.IfNot(ProcessGroup.IsAvailable(CPU), "libtorch has no Gloo here");
        var port = FreePort();
        var patience = TimeSpan.FromSeconds(1);
        using var silent = new ManualResetEventSlim();
        var told = new System.Collections.Concurrent.ConcurrentQueue<(int By, int Who)>();
        var threads = Enumerable.Range(0, 3).Select(rank => new Thread(() =>
        {
            using var group = ProcessGroup.Join(new(rank, 3, rank, "127.0.0.1", port), CPU, Patience);
            // The others end their watch long before the first does: nobody is missed.
            group.Watch(patience, who => told.Enqueue((rank, who)), () => Thread.Sleep(rank == 0 ? 2500 : 10));
            if (rank == 0) Assert.Empty(told);
            // Now the last keeps no watch, as if it were stopped.
            if (rank == 2) silent.Wait();
            else
            {
                // Work that fails waits for nobody.
                Assert.Throws<TimeoutException>(() => group.Watch(
                    patience,
                    who =>
                    {
                        told.Enqueue((rank, who));
                        if (told.Count == 2) silent.Set();
                    },
                    () =>
                    {
                        silent.Wait();
                        throw new TimeoutException();
                    }));
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.All(threads, thread => Assert.True(thread.Join(Patience)));
        Assert.Equal([(0, 2), (1, 2)], told.Order());
    }

    private static void Operate(ProcessGroup group)
    {
        Assert.Equal((0, 2), (group.Rank, group.Size));
        var total = tensor(new float[] { 1, 2, 3 });
        group.AllReduce(total);
        Assert.Equal([11, 22, 33], total.data<float>().ToArray());

        var low = ones(8).to(ScalarType.BFloat16);
        group.AllReduce(low);
        Assert.Equal(Enumerable.Repeat(3f, 8), low.to(ScalarType.Float32).data<float>().ToArray());

        var gathered = group.AllGather(tensor(new float[] { 1, 3, 2, 4 }).view(2, 2).t());
        Assert.Equal([4, 2], gathered.shape);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], gathered.data<float>().ToArray());

        var told = tensor(new long[] { 7, 9 });
        group.Broadcast(told);

        var x = tensor(new float[] { 5 }, requires_grad: true);
        var sum = group.Sum(x);
        Assert.Equal(7, sum.item<float>());
        (3 * sum).backward();
        Assert.Equal(7, x.grad!.item<float>());

        group.Barrier();
    }

    private static (ProcessGroup Group, Process Peer) Meet(string ending)
    {
        Skip.IfNot(ProcessGroup.IsAvailable(CPU), "libtorch has no Gloo here");
        Skip.IfNot(File.Exists("/usr/bin/python3"), "python3 is missing");
        var port = FreePort();
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "peer.py"), $"{port}", ending])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GLOO_SOCKET_IFNAME"] = "lo";
        var peer = Process.Start(start)!;
        try
        {
            return (ProcessGroup.Join(new(0, 2, 0, "127.0.0.1", port), CPU, Patience), peer);
        }
        catch (ProcessGroupException e)
        {
            using (peer)
            {
                if (!peer.HasExited) peer.Kill();
                var error = peer.StandardError.ReadToEnd();
                Skip.If(error.Contains("No module named", StringComparison.Ordinal), "PyTorch is not installed");
                Assert.Fail($"{e.Message}\n{error}");
                throw;
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
