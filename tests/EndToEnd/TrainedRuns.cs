using System.Collections.Concurrent;

namespace DataSsl.EndToEnd;

/// <summary>
/// Runs of one epoch that the tests of what comes after training start from: each is trained once for all of them, and nobody writes into
/// it.
/// </summary>
internal static class TrainedRuns
{
    private static readonly Lazy<TrainFolder> folder = new(() =>
    {
        var made = new TrainFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => made.Dispose();
        return made;
    });

    private static readonly ConcurrentDictionary<int, Lazy<string>> runs = [];

    /// <summary>The images that they were trained on.</summary>
    public static string Images => folder.Value.Images;

    /// <summary>The folder of the run with a seed.</summary>
    public static string Of(int seed) => runs.GetOrAdd(seed, _ => new(() =>
    {
        var run = $"run{seed}";
        TrainProcess.Succeed(folder.Value.Train(run, "--epochs", "1", "--seed", $"{seed}"));
        return folder.Value[run];
    })).Value;
}
