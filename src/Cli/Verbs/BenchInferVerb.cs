using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Bench;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl bench infer</c>: the forward pass of the known networks in every form, against peers.</summary>
internal static class BenchInferVerb
{
    private static readonly (string Space, string Anchor, string Peer)[] Networks = [("DataResNet", "ResNet50", "resnet50"), ("MobileNets", "MobileNetV2", "mobilenet_v2")];

    private static readonly int[] Batches = [1, 8];

    public static Command Create(SpaceCatalogue spaces)
    {
        var rounds = new Option<int>("--rounds") { Description = "Counted passes of each contestant.", DefaultValueFactory = _ => 21, HelpName = "N" };
        var (size, json) = (Options.Size("224"), Options.Json());
        var command = new Command("infer", "A forward pass of ResNet50 and MobileNetV2, batch 1 and 8, on 1 and 2 threads: emitted classes, a supernet's slice, torchvision, ONNX Runtime.") { size, rounds, json };
        command.SetAction(parsed =>
        {
            var (side, count) = (parsed.GetValue(size) ?? 224, Options.Positive("--rounds", parsed.GetValue(rounds)));
            var (milliseconds, ratios) = (new JsonObject(), new JsonObject());
            foreach (var (space, anchor, peer) in Networks)
            {
                foreach (var threads in new[] { 1, 2 })
                {
                    var medians = new InferBench(spaces.Find(space).Parse(anchor), peer, side, threads, Batches, count).Run();
                    foreach (var batch in Batches)
                    {
                        var of = medians.Where(m => m.Key.Batch == batch).ToDictionary(m => m.Key.Contestant, m => m.Value);
                        var name = string.Create(CultureInfo.InvariantCulture, $"{anchor}, batch {batch}, {threads} {(threads == 1 ? "thread" : "threads")}");
                        milliseconds[name] = new JsonObject(of.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
                        ratios[name] = Ratios(of);
                    }
                }
            }
            // The figures that the goals are about: ResNet50, one image, all threads.
            var first = ratios["ResNet50, batch 1, 2 threads"]!.AsObject();
            foreach (var (name, value) in first.ToList()) ratios[name] = value!.DeepClone();
            if (parsed.GetValue(json)) Output.Json(new() { ["milliseconds"] = milliseconds, ["ratios"] = ratios });
            else
                foreach (var (name, of) in milliseconds)
                    Output.Line($"{name}: {string.Join(", ", of!.AsObject().Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {(double)m.Value!:0.0} ms")))}");
            return 0;
        });
        return command;
    }

    /// <summary>Our contestant, started by <c>bench infer</c>.</summary>
    public static Command Worker(SpaceCatalogue spaces)
    {
        var (space, architecture, size, threads) = (Options.Space(), Options.Architecture(), Options.Size(), Options.Threads());
        var form = new Option<string>("--form") { Description = "class, folded or foldedBf16.", DefaultValueFactory = _ => InferWorker.Class };
        var command = new Command("infer-worker", "One contestant of bench infer.") { space, architecture, form, size, threads };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            set_num_threads(parsed.GetValue(threads) ?? 1);
            return InferWorker.Run(spaces.Find(parsed.Required(space)).Parse(parsed.Required(architecture)), parsed.GetValue(form)!, parsed.GetValue(size) ?? 224);
        });
        return command;
    }

    private static JsonObject Ratios(Dictionary<string, double> of)
    {
        var ratios = new JsonObject
        {
            ["foldedOverTorchvision"] = of["torchvision"] / of[InferWorker.Folded],
            ["foldedBf16OverTorchvision"] = of["torchvision"] / of[InferWorker.FoldedBf16],
            ["classOverSupernet"] = of["supernet"] / of[InferWorker.Class],
        };
        if (of.TryGetValue("onnxRuntime", out var runtime)) ratios["foldedOverOnnxRuntime"] = runtime / of[InferWorker.Folded];
        return ratios;
    }
}
