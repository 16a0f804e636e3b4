using System.CommandLine;
using System.Globalization;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary><c>datassl bench detect</c>: a training step of a detector against torchvision's.</summary>
internal static class BenchDetectVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new DetectOptions();
        var steps = NumberOption.Of("--steps", Options.Count, 5, "Counted steps of each contestant.");
        var (field, json) = (new FieldOptions(DetectBench.Peers), Options.Json());
        var command = new Command(
            "detect",
            "A training step of Faster R-CNN with a feature pyramid on ResNet50, as evaluate detect makes it, against torchvision's.")
        {
            o.Size, o.Batch, o.Threads, steps, field.Peers, field.Against, json,
        };
        command.SetAction(parsed =>
        {
            var (architecture, size, batch, threads) = o.Read(spaces, parsed);
            var standings = new DetectBench(architecture, size, batch, threads, parsed.GetValue(steps), field.Read(parsed)).Run();
            if (parsed.GetValue(json)) Output.Json(standings.Json());
            else standings.Print("median seconds a step", seconds => seconds.ToString("0.000", CultureInfo.InvariantCulture));
            return 0;
        });
        return command;
    }

    /// <summary>Our contestant, started by <c>bench detect</c>.</summary>
    public static Command Worker(SpaceCatalogue spaces)
    {
        var o = new DetectOptions();
        var scene = new Argument<string>("scene") { Description = "What all contestants begin with." };
        var command = new Command("detect-worker", "One contestant of bench detect.") { scene, o.Size, o.Batch, o.Threads };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var (architecture, size, batch, threads) = o.Read(spaces, parsed);
            set_num_threads(threads);
            return DetectWorker.Run(architecture, size, batch, parsed.GetValue(scene)!);
        });
        return command;
    }

    private sealed class DetectOptions
    {
        public readonly Option<int?> Size = Options.Size("320");
        public readonly Option<int> Batch = NumberOption.Of("--batch", Options.BenchBatch, 2, "Images a step.");
        public readonly Option<int?> Threads = Options.Threads();

        public (Architecture, int, int, int) Read(SpaceCatalogue spaces, ParseResult parsed)
        {
            var space = spaces.Find("DataResNet");
            return (
                space.Parse("ResNet50"), space.CheckSize(parsed.GetValue(Size) ?? 320), parsed.GetValue(Batch),
                parsed.GetValue(Threads) ?? Environment.ProcessorCount);
        }
    }
}
