using System.Diagnostics;
using System.Globalization;

namespace DataSsl.EndToEnd;

/// <summary>The built command as a process of its own, to be killed.</summary>
internal sealed class TrainProcess : IDisposable
{
    private const string RankVariable = "OMPI_COMM_WORLD_RANK=";
    private readonly Process process;
    private readonly Task<string> error;

    /// <summary>
    /// Starts it; with a limit, no file may grow beyond <paramref name="maxFileKiB"/>. Variables are such as <c>PATH=/none</c>, or other
    /// words for <c>env</c>.
    /// </summary>
    public TrainProcess(string[] arguments, long? maxFileKiB = null, params string[] variables)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "env's signals, kill and /proc are Linux's");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        // A test run in the background of a shell ignores SIGINT, one under nohup SIGHUP, and so would its processes.
        string[] command =
        [
            "env", "--default-signal=INT,HUP",.. variables, dotnet, Path.Combine(AppContext.BaseDirectory, "datassl.dll"),.. arguments,
        ];
        // Without the signal, writing on fails with an error like a full disk's.
        var start = maxFileKiB is { } limit
            ? new ProcessStartInfo("bash", ["-c", $"trap '' XFSZ; ulimit -f {limit}; exec \"$@\"", "bash", .. command])
            : new ProcessStartInfo(command[0], command[1..]);
        (start.RedirectStandardError, start.RedirectStandardOutput) = (true, true);
        // The runtime's own double mapping of code is a file of gigabytes.
        if (maxFileKiB is not null) start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        process = Process.Start(start)!;
        error = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Runs a command that must end well; returns what it said.</summary>
    public static string Succeed(params string[] arguments)
    {
        using var process = new TrainProcess(arguments);
        var (exitCode, error) = process.Wait();
        Assert.True(exitCode == 0, error);
        return error;
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

    /// <summary>SIGKILL to any process.</summary>
    public static void Kill(int id)
    {
        using var other = Process.GetProcessById(id);
        other.Kill();
    }

    /// <summary>The processes that this one started, in the order of their start.</summary>
    public int[] Children() => [.. ChildrenOf(process.Id)];

    private static IEnumerable<int> ChildrenOf(int id) =>
        Directory.Exists($"/proc/{id}/task")
            ? Directory.GetDirectories($"/proc/{id}/task")
                .SelectMany(task => Read(id, $"task/{Path.GetFileName(task)}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(int.Parse)
            : [];

    /// <summary>The processes of a group that this one launched, by rank; fewer while they start.</summary>
    public int[] Ranks() =>
        [
            .. Children().SelectMany(ChildrenOf).Select(id => (Id: id, Rank: RankOf(id))).Where(found => found.Rank is not null)
                .OrderBy(found => found.Rank).Select(found => found.Id),
        ];

    private static int? RankOf(int id) =>
        Read(id, "environ").Split('\0').FirstOrDefault(line => line.StartsWith(RankVariable, StringComparison.Ordinal)) is { } line
            ? int.Parse(line[RankVariable.Length..])
            : null;

    /// <summary>The files that a process has mapped.</summary>
    public static string Maps(int id) => Read(id, "maps");

    /// <summary>Whether a process is there and not merely waiting to be buried.</summary>
    public static bool IsRunning(int id) =>
        Read(id, "stat") is { Length: > 0 } stat && stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');

    /// <summary>Sends a signal by its name, such as INT.</summary>
    public void Signal(string name) => Signal(process.Id, name);

    /// <summary>The same to any process.</summary>
    public static void Signal(int id, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{id}"]);
        kill.WaitForExit();
    }

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Waits for the end, on a busy machine too.</summary>
    public (int ExitCode, string Error) Wait()
    {
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(10)), "did not end");
        return (process.ExitCode, error.Result);
    }

    /// <summary>The same with the most memory, in bytes, that the process had at any time, as the kernel knows while it runs.</summary>
    public (int ExitCode, string Error, long Peak) WaitForPeak()
    {
        const string field = "VmHWM:";
        var peak = 0L;
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(50)))
            foreach (var line in Read(process.Id, "status").Split('\n').Where(line => line.StartsWith(field, StringComparison.Ordinal)))
                peak = 1024 * long.Parse(line[field.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        var (exitCode, error) = Wait();
        return (exitCode, error, peak);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }
}
