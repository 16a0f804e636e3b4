using DataSsl.Torch;

namespace DataSsl.Tests;

/// <summary>
/// Tensors that earlier tests left to the collector: they must be gone before a test counts, or they are freed under its hands and a leak
/// goes unseen or a count falls.
/// </summary>
internal static class Forgotten
{
    /// <summary>
    /// Collects until nothing more is freed for a tenth of a second: the last results of a custom function's backward go with their thread,
    /// and the threads of tests that ran side by side end when they like.
    /// </summary>
    /// <exception cref="TimeoutException">Something still makes or frees tensors after ten seconds.</exception>
    public static void Free()
    {
        var (still, before) = (0, -1L);
        for (var round = 0; round < 500; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            (still, before) = LiveTensors.Count == before ? (still + 1, before) : (0, LiveTensors.Count);
            if (still == 5) return;
            Thread.Sleep(20);
        }
        throw new TimeoutException("tensors are still made or freed by earlier tests");
    }
}
