using System.Runtime.InteropServices;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>How a process of <c>train</c> finds the others, where a launcher (launch, torchrun, srun, mpirun) started several.</summary>
internal static class TrainProcesses
{
    /// <summary>The longest that one process lets the others wait: a kNN evaluation, a checkpoint to a slow disk. One that has ended is noticed at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>The longest that a process may be silent, whatever it does; stopped ones and machines without power are noticed so.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>This process's place among those of RANK and WORLD_SIZE; null where it is by itself.</summary>
    public static Rendezvous? Place()
    {
        try
        {
            return Rendezvous.FromEnvironment() is { Size: > 1 } place ? place : null;
        }
        catch (FormatException e)
        {
            throw new UserException($"environment variable {e.Message}; or unset RANK and WORLD_SIZE to train in one process", e);
        }
    }

    /// <summary>The device of a name; of several processes on one machine each gets a CUDA device of its own.</summary>
    public static Device FindDevice(string name, Rendezvous? place)
    {
        var device = Options.FindDevice(name);
        if (place is null || device.type != DeviceType.CUDA || name.Contains(':', StringComparison.Ordinal)) return device;
        return place.LocalRank < cuda.device_count()
            ? torch.device($"cuda:{place.LocalRank}")
            : throw new UserException($"process {place.LocalRank} of this machine has no CUDA device of its own: there are {cuda.device_count()}; start as many processes, or give --device cpu");
    }

    /// <summary>Waits for the others; null where there are none.</summary>
    public static ProcessGroup? Join(Rendezvous? place, Device device)
    {
        if (place is null) return null;
        if (!ProcessGroup.IsAvailable(device)) throw new UserException($"{place.Size} processes: {ProcessGroup.WhyMissing(device)}");
        Output.IsSilent = place.Rank > 0;
        Output.Progress($"waiting for {place.Size} processes at {place.Address}:{place.Port}");
        return ProcessGroup.Join(place, device, Patience);
    }

    /// <summary>Runs, and ends this process where another goes silent: its own thread may wait in an operation for good.</summary>
    public static void Run(ProcessGroup? processes, Trainer trainer, RunSchedule schedule, CancellationToken cancellation)
    {
        if (processes is null) trainer.Run(schedule, cancellation);
        else processes.Watch(Silence, Lost, () => trainer.Run(schedule, cancellation));

        void Lost(int rank)
        {
            Console.Error.WriteLine(
                $"datassl: process {processes.Rank}, step {trainer.Step + 1}: process {rank} has not been heard of for {Silence.TotalSeconds:0} s; the last checkpoint is whole: start all processes again with --resume");
            _exit(1);
        }
    }

    /// <summary>Ends at once: an orderly exit would wait for the thread that is held.</summary>
    [DllImport("libc")] private static extern void _exit(int code);
}
