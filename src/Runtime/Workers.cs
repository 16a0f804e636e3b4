using System.Runtime.ExceptionServices;

namespace DataSsl.Runtime;

/// <summary>Parallel loops over independent items.</summary>
public static class Workers
{
    /// <summary>
    /// Runs <paramref name="body"/> for 0..count-1 on at most <paramref name="workers"/> threads; the first failure is rethrown as it was.
    /// </summary>
    /// <param name="count">How many items.</param>
    /// <param name="workers">Threads, at the most.</param>
    /// <param name="body">Does one item, by its number.</param>
    /// <param name="cancellation">Ends the loop before all are done.</param>
    public static void For(int count, int workers, Action<int> body, CancellationToken cancellation = default)
    {
        try
        {
            Parallel.For(0, count, new() { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
