using System.Diagnostics;

namespace DataSsl.EndToEnd;

/// <summary>The built command as a process of its own, to be killed.</summary>
internal sealed class TrainProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> error;

    public TrainProcess(string[] arguments)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        process = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "datassl.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        error = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Waits for a condition while the process runs.</summary>
    public void WaitFor(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition() && !process.HasExited)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "nothing happened for two minutes");
            Thread.Sleep(5);
        }
    }

    /// <summary>SIGKILL: no handler runs.</summary>
    public void Kill() => process.Kill();

    /// <summary>Sends a signal by its name, such as INT.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public (int ExitCode, string Error) Wait()
    {
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), "did not end");
        return (process.ExitCode, error.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
