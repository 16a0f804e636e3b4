using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;

namespace DataSsl.Cli.Bench;

/// <summary>A process that does one piece of work, a training step or a batch of views, for each line it is given.</summary>
internal sealed class Contestant : IDisposable
{
    private readonly Process process;
    private readonly List<double> seconds = [];

    public Contestant(string name, string program, IEnumerable<string> arguments, int threads)
    {
        Name = name;
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // The same waiting for all, the one that is best for all: threads that spin long fight over the cores of a shared machine.
        start.Environment["GOMP_SPINCOUNT"] = "3000";
        start.Environment["OPENBLAS_THREAD_TIMEOUT"] = "14";
        // PyTorch's own number of threads does not reach OpenBLAS.
        start.Environment["OPENBLAS_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        if (Read() != "ready") throw new InvalidOperationException($"{name}: the peer did not get ready");
    }

    public string Name { get; }

    public double Median => seconds.Order().ElementAt(seconds.Count / 2);

    public double Total => seconds.Sum();

    public long PeakBytes { get; private set; }

    /// <summary>Does one piece of work; the first one warms up and is not counted.</summary>
    public void Step(string work, bool counted)
    {
        process.StandardInput.WriteLine(work);
        process.StandardInput.Flush();
        var time = double.Parse(Read(), CultureInfo.InvariantCulture);
        if (counted) seconds.Add(time);
    }

    /// <summary>Ends the process and reads its peak memory.</summary>
    public void Finish()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        PeakBytes = long.Parse(Read(), CultureInfo.InvariantCulture);
        process.WaitForExit();
    }

    private string Read() => process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name}: the process ended early");

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
