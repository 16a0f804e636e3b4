using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;

namespace DataSsl.Cli.Launch;

/// <summary>Starts this program several times on this machine by Open MPI's mpirun, and says in one line what ended them.</summary>
internal sealed class Launcher
{
    /// <summary>The longest that a killed process takes to go: it may have much memory to give back.</summary>
    private static readonly TimeSpan Burial = TimeSpan.FromSeconds(10);

    private static readonly string[] Settings =
    [
        // One machine: no other is asked, and messages go through memory.
        "--mca", "plm", "isolated", "--mca", "oob_tcp_if_include", "lo", "--mca", "oob_tcp_disable_ipv6_family", "1", "--mca", "pml", "ob1",
        "--mca", "btl", "self,vader",
        // Containers often forbid one process to read another's memory; through shared memory is as fast.
        "--mca", "btl_vader_single_copy_mechanism", "none",
        // As many processes as asked for, each with all its threads; who waits leaves the core to others.
        "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1",
        // .NET handles these signals itself.
        "--mca", "opal_signal", "",
    ];

    private readonly LauncherMessages messages = new();
    private readonly ManualResetEventSlim met = new();
    private volatile int signal;

    /// <summary>Runs to the end and returns the exit code: of the first process that failed, or 129, 130 or 143 after a signal.</summary>
    public int Run(IReadOnlyList<string> arguments, int count)
    {
        using var process = Process.Start(StartOf(arguments, count)) ?? throw new InvalidOperationException("mpirun does not start");
        try
        {
            process.StandardInput.Close();
            using var signals = new StopSignals(code => Pass(process, code));
            using var meeting = PosixSignalRegistration.Create((PosixSignal)TrainProcesses.HaveMet, context =>
            {
                context.Cancel = true;
                met.Set();
            });
            var ended = process.WaitForExitAsync();
            var sealing = Task.Run(() => SealPorts(process.Id, ended));
            while (process.StandardError.ReadLine() is { } line) messages.Take(line);
            ended.Wait();
            sealing.Wait();
            // mpirun kills and does not wait: who starts again at once would find the run folder taken.
            SpinWait.SpinUntil(() => !Siblings.IsAlive(process.Id), Burial);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        // The processes have told what a signal to all of them did.
        if (process.ExitCode == 0 || signal != 0) return process.ExitCode == 0 ? 0 : signal;
        messages.Explain(process.ExitCode);
        return process.ExitCode;
    }

    private static ProcessStartInfo StartOf(IReadOnlyList<string> arguments, int count)
    {
        if (!OperatingSystem.IsLinux())
            throw new UserException("launch: several processes need Linux and Open MPI; start one process without 'launch'");
        if (!IsOnPath("mpirun"))
            throw new UserException("launch: Open MPI's mpirun is missing: install it (Debian and Ubuntu: apt install openmpi-bin)");
        var program = Environment.ProcessPath!;
        // Under the dotnet host the program is its first argument.
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        string[] asRoot = Environment.IsPrivilegedProcess ? ["--allow-run-as-root"] : [];
        // In a session of its own: Ctrl-C at the terminal reaches this process alone, which passes it on in an orderly way.
        string[] inSession = ["mpirun", "-n", Wording.Number(count), .. asRoot, .. Settings, program, .. self, .. arguments];
        var start = new ProcessStartInfo("setsid", inSession) { RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment[LaunchVariables.Launcher] = Wording.Number(Environment.ProcessId);
        // Where NCCL's processes find one another; tensors of one machine do not go that way.
        if (Environment.GetEnvironmentVariable("NCCL_SOCKET_IFNAME") is null or "") start.Environment["NCCL_SOCKET_IFNAME"] = "lo";
        var terminals = new[] { Streams.Terminal(1), Streams.Terminal(2) };
        if (terminals.All(terminal => terminal is not null))
            for (var i = 0; i < terminals.Length; i++) start.Environment[Streams.TerminalVariable(i + 1)] = terminals[i];
        // mpirun gives each process a terminal of its own, and no escape sequence meant for that may get into a file.
        else start.Environment["TERM"] = "dumb";
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null or "")
            start.Environment["OMP_NUM_THREADS"] = Wording.Number(Math.Max(1, Environment.ProcessorCount / count));
        return start;
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>From the start on mpirun's ports are open to its own processes alone, and to nobody when all have met.</summary>
    private void SealPorts(int mpirun, Task ended)
    {
        var seal = new PortSeal(mpirun);
        // As often as can be while a port may be open, from when it is there until it is seen, and while somebody is to be shown out.
        var isBusy = true;
        while (!met.Wait(isBusy ? 1 : 10) && !ended.IsCompleted) isBusy = seal.Look(haveMet: false) || !seal.HasBegun;
        while (!ended.IsCompleted && seal.Look(haveMet: true)) Thread.Sleep(1);
        if (seal.IsForbidden)
            Notices.Tell(
                $"the ports that mpirun listens on cannot be closed to others here: others who reach this machine may hold up or end the run");
    }

    private void Pass(Process process, int code)
    {
        signal = code;
        _ = kill(process.Id, StopSignals.PassedOn);
    }

    [DllImport("libc")] private static extern int kill(int process, int signal);
}
