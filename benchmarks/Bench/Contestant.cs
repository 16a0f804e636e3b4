using System.Diagnostics;
using System.Globalization;

namespace DataSsl.Bench;

/// <summary>A process that does one piece of work, a training step or a batch of views, for each line it is given.</summary>
internal sealed class Contestant : IDisposable
{
    private readonly Process process;
    private readonly List<double> seconds = [];
    private readonly List<string> complaints = [];

    public Contestant(string name, string program, IEnumerable<string> arguments, int threads)
    {
        Name = name;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The same threads for all, and the same waiting, which is best for all: threads that spin long fight over the cores of a shared
        // machine.
        foreach (var library in new[] { "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS" })
            start.Environment[library] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["GOMP_SPINCOUNT"] = "3000";
        start.Environment["OPENBLAS_THREAD_TIMEOUT"] = "14";
        // Each OpenBLAS is to use what this processor has.
        start.Environment.Remove("OPENBLAS_CORETYPE");
        process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        // libtorch warns at every call on some machines.
        process.ErrorDataReceived += (_, line) => Complain(line.Data);
        process.BeginErrorReadLine();
        if (Read() != "ready") throw new InvalidOperationException($"{name}: the peer did not get ready");
    }

    public string Name { get; }

    public double Median => seconds.Order().ElementAt(seconds.Count / 2);

    public double Total => seconds.Sum();

    public long PeakBytes { get; private set; }

    /// <summary>Does one piece of work; the first one warms up and is not counted.</summary>
    public void Step(string work, bool counted)
    {
        Write(work);
        var time = double.Parse(Read(), CultureInfo.InvariantCulture);
        if (counted) seconds.Add(time);
    }

    /// <summary>Ends the process and reads its peak memory.</summary>
    public void Finish()
    {
        Write("");
        PeakBytes = long.Parse(Read(), CultureInfo.InvariantCulture);
        process.WaitForExit();
    }

    /// <summary>To a process that has ended there is nothing to write; what it said is read next.</summary>
    private void Write(string line)
    {
        try
        {
            process.StandardInput.WriteLine(line);
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
        }
    }

    private string Read()
    {
        if (process.StandardOutput.ReadLine() is { } line) return line;
        process.WaitForExit();
        lock (complaints)
            throw new InvalidOperationException(
                $"{Name}: the process ended early, exit code {process.ExitCode}{(complaints.Count > 0 ? $": {complaints.FirstOrDefault(c => c.Contains("xception", StringComparison.Ordinal)) ?? complaints[^1]}" : "")}");
    }

    private void Complain(string? line)
    {
        if (string.IsNullOrWhiteSpace(line) || line.StartsWith("[W", StringComparison.Ordinal)) return;
        lock (complaints)
            if (complaints.Count < 100) complaints.Add(line);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
