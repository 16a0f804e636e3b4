using System.Net;
using System.Net.Sockets;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>The processes of a group as threads of this one: each has its own connection, and nothing else in common.</summary>
internal static class Processes
{
    /// <summary>Runs <paramref name="body"/> once for each process and returns the results by rank; the first failure is thrown.</summary>
    public static T[] Run<T>(int size, Func<ProcessGroup, T> body)
    {
        Skip.IfNot(ProcessGroup.IsAvailable(CPU), "libtorch has no Gloo here");
        var port = FreePort();
        var (results, failures) = (new T[size], new Exception?[size]);
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                set_num_threads(1);
                using var group = ProcessGroup.Join(new(rank, size, rank, "127.0.0.1", port), CPU, TimeSpan.FromSeconds(60));
                results[rank] = body(group);
            }
            catch (Exception e)
            {
                failures[rank] = e;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        // Who lost another says less than who failed first by itself.
        if (failures.OfType<Exception>().OrderBy(e => e is ProcessGroupException).FirstOrDefault() is { } failure) throw new InvalidOperationException(failure.Message, failure);
        return results;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
