using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DataSsl.Cli;

/// <summary>Starts this program several times on this machine as one group of processes, and ends all of them when one fails.</summary>
internal sealed class Launcher : IDisposable
{
    // Who loses another says so and ends by itself; these are for who cannot.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly List<Process> processes = [];
    private readonly List<Task<string>> messages = [];

    /// <summary>Starts <paramref name="count"/> processes that meet at a port of this machine.</summary>
    public Launcher(IReadOnlyList<string> arguments, int count, int port)
    {
        try
        {
            for (var rank = 0; rank < count; rank++) Start(arguments, rank, count, port);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits for all; returns the exit code of the first that failed, or 0.</summary>
    public int Wait()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Pass(context, 2));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Pass(context, 15));
        var running = processes.ToDictionary(process => process.WaitForExitAsync());
        Process? failed = null;
        while (running.Count > 0 && failed is null)
        {
            var ended = Task.WhenAny(running.Keys).Result;
            if (running[ended].ExitCode != 0) failed = First(running[ended]);
            running.Remove(ended);
        }
        // What a mistake of the user's or an interrupt ends has said so itself.
        if (failed is { ExitCode: not (2 or 130 or 143) }) Console.Error.WriteLine($"datassl: process {processes.IndexOf(failed)} ended with exit code {failed.ExitCode}");
        if (!Task.WaitAll([.. running.Keys], Grace)) Send(15);
        if (!Task.WaitAll([.. running.Keys], Grace)) processes.ForEach(process => process.Kill());
        Task.WaitAll([.. running.Keys]);
        Tell();
        return failed?.ExitCode ?? 0;
    }

    /// <summary>The cause among those that end together: who only loses another exits with 1, and may be seen to end before it.</summary>
    private Process First(Process seen)
    {
        if (seen.ExitCode != 1) return seen;
        Task.WaitAll([.. processes.Select(process => process.WaitForExitAsync())], TimeSpan.FromSeconds(1));
        return processes.Find(process => process.HasExited && process.ExitCode is not (0 or 1)) ?? seen;
    }

    private void Start(IReadOnlyList<string> arguments, int rank, int count, int port)
    {
        var program = Environment.ProcessPath!;
        // Under the dotnet host the program is its first argument.
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        // The first has the terminal, so that its live table works.
        var start = new ProcessStartInfo(program, [.. self, .. arguments]) { RedirectStandardError = rank > 0, RedirectStandardOutput = rank > 0 };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TORCHELASTIC_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        Set("RANK", rank);
        Set("LOCAL_RANK", rank);
        Set("WORLD_SIZE", count);
        Set("MASTER_PORT", port);
        start.Environment["MASTER_ADDR"] = "127.0.0.1";
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null or "") Set("OMP_NUM_THREADS", Math.Max(1, Environment.ProcessorCount / count));
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        processes.Add(process);
        if (rank == 0) return;
        messages.Add(process.StandardError.ReadToEndAsync());
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();

        void Set(string name, int value) => start.Environment[name] = value.ToString(CultureInfo.InvariantCulture);
    }

    private void Pass(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        Send(signal);
    }

    private void Send(int signal)
    {
        foreach (var process in processes.Where(process => !process.HasExited)) _ = kill(process.Id, signal);
    }

    /// <summary>What the processes after the first had to say; a mistake of the user's the first has told already.</summary>
    private void Tell()
    {
        for (var rank = 1; rank < processes.Count; rank++)
        {
            if (processes[rank].ExitCode == 2 && processes[0].ExitCode == 2) continue;
            foreach (var line in messages[rank - 1].Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Console.Error.WriteLine($"[process {rank}] {line}");
        }
    }

    public void Dispose()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }
    }

    [DllImport("libc")] private static extern int kill(int process, int signal);
}
