using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>
/// The processes of a group as threads of this one, which exchange tensors through memory in the place of MPI: how a batch is dealt does
/// not depend on what carries it.
/// </summary>
internal static class Processes
{
    /// <summary>Runs <paramref name="body"/> once for each process and returns the results by rank; the first failure is thrown.</summary>
    public static T[] Run<T>(int size, Func<ProcessGroup, T> body)
    {
        var (results, failures) = (new T[size], new Exception?[size]);
        using var meeting = new Meeting(size);
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                set_num_threads(1);
                using var group = new ProcessGroup(rank, size, new Member(meeting, rank));
                results[rank] = body(group);
            }
            catch (Exception e)
            {
                failures[rank] = e;
                meeting.Fail();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        // Who lost another says less than who failed first by itself.
        if (failures.OfType<Exception>().OrderBy(e => e is ProcessGroupException).FirstOrDefault() is { } failure)
            throw new InvalidOperationException(failure.Message, failure);
        return results;
    }

    /// <summary>Where the threads lay down their tensors.</summary>
    private sealed class Meeting(int size) : IDisposable
    {
        private readonly Barrier barrier = new(size);
        private readonly CancellationTokenSource failed = new();

        public Tensor[] Given { get; } = new Tensor[size];

        public void Fail() => failed.Cancel();

        public void Meet()
        {
            try
            {
                Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(60), failed.Token), "the others did not come");
            }
            catch (OperationCanceledException e)
            {
                throw new ProcessGroupException("another process has failed", e);
            }
        }

        public void Dispose()
        {
            barrier.Dispose();
            failed.Dispose();
        }
    }

    private sealed class Member(Meeting meeting, int rank) : ICollectives
    {
        public void AllReduce(Tensor tensor) => Exchange(tensor, given =>
        {
            using var sum = given[0].clone();
            foreach (var other in given[1..]) sum.add_(other);
            return sum.clone();
        }, tensor);

        public void AllGather(Tensor tensor, Tensor all) => Exchange(tensor, given => stack(given), all);

        public void Broadcast(Tensor tensor, int root) => Exchange(tensor, given => given[root].clone(), tensor);

        /// <summary>All see what all gave, and only then is anything overwritten.</summary>
        private void Exchange(Tensor own, Func<Tensor[], Tensor> compute, Tensor result)
        {
            using var grad = no_grad();
            meeting.Given[rank] = own;
            meeting.Meet();
            using var computed = compute(meeting.Given);
            meeting.Meet();
            result.copy_(computed);
            meeting.Meet();
        }
    }
}
