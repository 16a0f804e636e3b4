using System.CommandLine;
using System.Globalization;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary><c>datassl bench step</c>: a training step against peers.</summary>
internal static class BenchStepVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new StepOptions();
        var steps = NumberOption.Of("--steps", Options.Count, 5, "Counted steps of each contestant.");
        var (field, json) = (new FieldOptions(StepBench.Peers), Options.Json());
        var command = new Command(
            "step",
            "A training step against supernets in TorchSharp, on the same libtorch, and PyTorch: at their best, as released, and as "
                + "separate static networks.")
        {
            o.Space, o.Size, o.Batch, o.Threads, o.Compute, o.Device, o.Queue, o.NormGroups, steps, field.Peers, field.Against, json,
        };
        o.Queue.Description = "Keys that the loss compares with. Default: as train has it for a set of 10,000 images; 65536 is MoCo's own.";
        command.SetAction(parsed =>
        {
            var (space, size, batch, threads, compute, device) = o.Read(spaces, parsed);
            var queue = Queue(parsed.GetValue(o.Queue) ?? StepBench.QueueFor(10_000, batch), batch);
            var standings = new StepBench(
                    space, size, batch, threads, parsed.GetValue(steps), compute, device, queue,
                    Groups(parsed.GetValue(o.NormGroups), batch), field.Read(parsed))
                .Run();
            if (parsed.GetValue(json)) Output.Json(standings.Json());
            else
                standings.Print(
                    $"median seconds a step{(device.type == TorchSharp.DeviceType.CPU ? "" : " (memory is the host's)")}",
                    seconds => seconds.ToString("0.000", CultureInfo.InvariantCulture));
            return 0;
        });
        return command;
    }

    /// <summary>Our contestant, started by <c>bench step</c>.</summary>
    public static Command Worker(SpaceCatalogue spaces)
    {
        var o = new StepOptions();
        var command = new Command("worker", "One contestant of bench step.")
        {
            o.Space,
            o.Size,
            o.Batch,
            o.Threads,
            o.Compute,
            o.Device,
            o.Queue,
            o.NormGroups,
        };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var (space, size, batch, threads, compute, device) = o.Read(spaces, parsed);
            set_num_threads(threads);
            return StepWorker.Run(
                space, batch, size, compute, device, Queue(parsed.GetValue(o.Queue) ?? StepBench.WorkerQueue(batch), batch),
                Groups(parsed.GetValue(o.NormGroups), batch));
        });
        return command;
    }

    private static int Queue(int queue, int batch) =>
        queue >= batch && queue % batch == 0 ? queue : throw new UserException($"--queue {queue}: is no multiple of the batch, {batch}");

    private static int Groups(int groups, int batch) =>
        groups >= 1 && batch % groups == 0
            ? groups
            : throw new UserException($"--norm-groups {groups}: does not deal a batch of {batch} into equal groups");

    private sealed class StepOptions
    {
        public readonly Option<string> Space = Options.Space();
        public readonly Option<int?> Size = Options.Size();
        public readonly Option<int> Batch = NumberOption.Of("--batch", Options.BenchBatch, 4, "Images a step.");
        public readonly Option<int?> Threads = Options.Threads();
        public readonly Option<string> Compute = ComputeOption.Create();

        public readonly Option<string> Device = Options.Device();
        public readonly Option<int?> Queue = NumberOption.Maybe("--queue", ObjectiveBounds.Queue, "Keys that the loss compares with.");
        public readonly Option<int> NormGroups = NumberOption.Of(
            "--norm-groups", TrainBounds.NormGroups, 1, "Groups of the batch with BatchNorm statistics of their own.");

        public (SearchSpace, int, int, int, ComputeType, Device) Read(SpaceCatalogue spaces, ParseResult parsed)
        {
            var space = spaces.Find(parsed.GetValue(Space) ?? "DataResNet");
            var device = Options.FindDevice(parsed.GetValue(Device)!);
            return (
                space, space.CheckSize(parsed.GetValue(Size) ?? space.InputSize), parsed.GetValue(Batch),
                parsed.GetValue(Threads) ?? Environment.ProcessorCount, ComputeOption.Read(parsed.GetValue(Compute)!, device), device);
        }
    }
}
