using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Bench;
using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl bench</c>: ours against peers, in one run.</summary>
internal static class BenchVerb
{
    public static Command Create(SpaceCatalogue spaces) => new("bench", "Time ours against PyTorch peers on this machine; ratios over 1 mean that ours is that many times as fast.")
    {
        Step(spaces), Worker(spaces), BenchDataVerb.Create(), BenchDataVerb.Worker(), BenchInferVerb.Create(spaces), BenchInferVerb.Worker(spaces), BenchSearchVerb.Create(), BenchSearchVerb.Worker(spaces),
    };

    private static Command Step(SpaceCatalogue spaces)
    {
        var o = new StepOptions(4);
        var steps = new Option<int>("--steps") { Description = "Counted steps of each contestant.", DefaultValueFactory = _ => 5, HelpName = "N" };
        var json = Options.Json();
        var command = new Command("step", "A training step against a GAIA-style PyTorch supernet: as released, at its best, and as separate static networks.") { o.Space, o.Size, o.Batch, o.Threads, o.Compute, o.Device, steps, json };
        command.SetAction(parsed =>
        {
            var (space, size, batch, threads, compute, device) = o.Read(spaces, parsed);
            var results = new StepBench(space, size, batch, threads, Options.Positive("--steps", parsed.GetValue(steps)), compute, device).Run();
            var ours = results["ours"];
            var ratios = new JsonObject
            {
                ["released"] = results["released"].Seconds / ours.Seconds,
                ["bestEffort"] = results["best"].Seconds / ours.Seconds,
                ["static"] = results["static"].Seconds / ours.Seconds,
                ["memory"] = (double)results["best"].PeakBytes / ours.PeakBytes,
            };
            if (parsed.GetValue(json)) Output.Json(new() { ["ratios"] = ratios });
            else
            {
                Output.Line($"{space.Name}, batch {batch}, {size} px, {(device.type == TorchSharp.DeviceType.CPU ? $"{threads} threads" : $"{device}")}, {compute}: median seconds a step, peak MiB{(device.type == TorchSharp.DeviceType.CPU ? "" : " of the host's memory")}");
                foreach (var (name, (seconds, bytes)) in results) Output.Line($"  {name,-10}{seconds,9:0.000}{bytes / 1048576.0,9:0}   ours is {seconds / ours.Seconds:0.00} times as fast");
            }
            return 0;
        });
        return command;
    }

    /// <summary>Our contestant, started by <c>bench step</c>.</summary>
    private static Command Worker(SpaceCatalogue spaces)
    {
        var o = new StepOptions(4);
        var command = new Command("worker", "One contestant of bench step.") { o.Space, o.Size, o.Batch, o.Threads, o.Compute, o.Device };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var (space, size, batch, threads, compute, device) = o.Read(spaces, parsed);
            set_num_threads(threads);
            return StepWorker.Run(space, batch, size, compute, device);
        });
        return command;
    }

    private sealed class StepOptions(int defaultBatch)
    {
        public readonly Option<string> Space = Options.Space();
        public readonly Option<int?> Size = Options.Size();
        public readonly Option<int> Batch = new("--batch") { Description = "Images a step.", DefaultValueFactory = _ => defaultBatch, HelpName = "N" };
        public readonly Option<int?> Threads = Options.Threads();
        public readonly Option<string> Compute = new("--compute") { Description = "Type of the convolutions: auto, float32, bfloat16.", DefaultValueFactory = _ => "auto", HelpName = "TYPE" };

        public readonly Option<string> Device = Options.Device();

        public (SearchSpace, int, int, int, string, Device) Read(SpaceCatalogue spaces, ParseResult parsed)
        {
            var space = spaces.Find(parsed.GetValue(Space) ?? "DataResNet");
            var device = Options.FindDevice(parsed.GetValue(Device)!);
            return (
                space, space.CheckSize(parsed.GetValue(Size) ?? space.InputSize), Options.Positive("--batch", parsed.GetValue(Batch)),
                Options.Positive("--threads", parsed.GetValue(Threads) ?? Environment.ProcessorCount), Cli.Compute.Parse(parsed.GetValue(Compute)!, device), device);
        }
    }
}
