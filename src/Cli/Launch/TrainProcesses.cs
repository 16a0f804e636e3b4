using System.Globalization;
using System.Runtime.InteropServices;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Launch;

/// <summary>
/// How a process of <c>train</c> or <c>search</c> finds the others, where a launcher (launch, mpirun, srun) started several.
/// </summary>
internal static partial class TrainProcesses
{
    /// <summary>
    /// Signal by which the first process tells <c>launch</c> that all have met: SIGUSR2, since users stop a run with SIGUSR1 too.
    /// </summary>
    public const int HaveMet = 12;

    /// <summary>
    /// The longest that one process lets the others wait: a cache of decoded images, a kNN evaluation, a checkpoint to a slow disk. One
    /// that has ended is noticed at once.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);

    /// <summary>
    /// The longest that a process may be silent, whatever it does; stopped ones and machines without power are noticed so.
    /// </summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>Waits for the others, first of all; null where this process is by itself.</summary>
    public static ProcessGroup? Join()
    {
        if (LaunchVariables.Size == 1) return null;
        Streams.TakeTerminal();
        try
        {
            var processes = ProcessGroup.Join(Patience, Silence, Lost)!;
            Output.Listen(isFirst: processes.Rank == 0);
            if (processes.Rank > 0) Streams.NameLines(processes.Rank);
            else if (
                int.TryParse(
                    Environment.GetEnvironmentVariable(LaunchVariables.Launcher), NumberStyles.None, CultureInfo.InvariantCulture,
                    out var launcher))
                _ = kill(launcher, HaveMet);
            Notices.Tell($"{processes.Size} processes have met");
            return processes;
        }
        catch (PlatformNotSupportedException e)
        {
            throw new UserException($"{LaunchVariables.Size} processes: {e.Message}", e);
        }
    }

    /// <summary>
    /// The device of a name; of several processes on one machine each gets a CUDA device of its own, and meets the others by it.
    /// </summary>
    public static Device FindDevice(string name, ProcessGroup? processes)
    {
        var device = Options.FindDevice(name);
        if (processes is null || device.type != DeviceType.CUDA) return device;
        if (!name.Contains(':', StringComparison.Ordinal))
        {
            device = processes.LocalRank < cuda.device_count()
                ? torch.device($"cuda:{processes.LocalRank}")
                : throw new UserException(
                    $"process {processes.LocalRank} of this machine has no CUDA device of its own: there are {cuda.device_count()}; start as many, or give --device cpu");
        }
        try
        {
            processes.Use(device);
            return device;
        }
        catch (PlatformNotSupportedException e)
        {
            throw new UserException($"{processes.Size} processes on CUDA devices: {e.Message}", e);
        }
    }

    /// <summary>Ends this process where another went silent: its own thread may wait in an operation for good.</summary>
    private static void Lost(string what)
    {
        Console.Error.WriteLine($"datassl: {what}; what was saved is whole: start all processes again with --resume");
        _exit(1);
    }

    /// <summary>Ends at once: an orderly exit would wait for the thread that is held.</summary>
    [LibraryImport("libc")] private static partial void _exit(int code);

    [LibraryImport("libc")] private static partial int kill(int process, int signal);
}
