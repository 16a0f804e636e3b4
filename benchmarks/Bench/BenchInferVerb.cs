using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;

namespace DataSsl.Bench;

/// <summary><c>datassl bench infer</c>: the forward pass of the known networks in every form, against peers.</summary>
internal static class BenchInferVerb
{
    private static readonly (string Space, string Anchor, string Peer)[] Networks =
    [
        ("DataResNet", "ResNet50", "resnet50"), ("MobileNets", "MobileNetV2", "mobilenet_v2"),
    ];

    public static Command Create(SpaceCatalogue spaces)
    {
        var network = new Option<string[]>("--network")
        {
            Description = $"{string.Join(" or ", Networks.Select(n => n.Anchor))}; may be given more than once. Default: each.",
            DefaultValueFactory = _ => [.. Networks.Select(n => n.Anchor)],
            HelpName = "NAME",
        };
        var batches = NumberOption.Several(
            "--batch", Options.BenchBatch, [1, 8], "Images a pass; may be given more than once. Default: 1 and 8.");
        var threads = NumberOption.Several(
            "--threads", Options.ThreadCount, [2, 1], "CPU threads; may be given more than once. Default: 2 and 1.");
        var rounds = NumberOption.Of("--rounds", Options.Count, 21, "Counted passes of each contestant.");
        var (size, json, field) = (Options.Size("224"), Options.Json(), new FieldOptions(InferBench.Peers));
        var command = new Command(
            "infer",
            "A forward pass of ResNet50 and MobileNetV2: emitted classes, pure C#, eager TorchSharp on the same libtorch, torchvision, a "
                + "supernet's slice, ONNX Runtime.")
            {
                network,
                batches,
                threads,
                size,
                rounds,
                field.Peers,
                json,
            };
        command.SetAction(parsed =>
        {
            var (side, count) = (parsed.GetValue(size) ?? 224, parsed.GetValue(rounds));
            var benches = (from name in parsed.GetValue(network)!
                           from thread in parsed.GetValue(threads)!
                           from batch in parsed.GetValue(batches)!
                           select Bench(spaces, name, side, thread, batch, count, field.Read(parsed))).ToList();
            var results = benches.Select(bench => (Name: Name(bench), Milliseconds: bench.Run())).ToList();
            if (parsed.GetValue(json)) Output.Json(Json(results));
            else
                foreach (var (name, of) in results)
                {
                    Output.Line($"{name}, {side} px, {count} rounds: median milliseconds");
                    foreach (var (contestant, milliseconds) in of) Output.Line($"  {contestant,-24}{milliseconds,9:0.0}");
                    foreach (var (ratio, value) in Ratios(of)) Output.Line($"  {ratio}: {(double)value!:0.00}");
                }
            return 0;
        });
        return command;
    }

    /// <summary>Our contestant, started by <c>bench infer</c>.</summary>
    public static Command Worker(SpaceCatalogue spaces)
    {
        var (space, architecture, size, threads) = (Options.Space(), Options.Architecture(), Options.Size(), Options.Threads());
        var form = new Option<string>("--form")
        {
            Description = "class, folded, foldedBf16, csharp, csharpInt8, onnxRuntime or onnxRuntimeInt8.",
            DefaultValueFactory = _ => InferWorker.Class,
        };
        var command = new Command("infer-worker", "One contestant of bench infer.") { space, architecture, form, size, threads };
        command.Hidden = true;
        command.SetAction(parsed => InferWorker.Run(
            spaces.Find(parsed.Required(space)).Parse(parsed.Required(architecture)), parsed.GetValue(form)!, parsed.GetValue(size)
                ?? 224, parsed.GetValue(threads) ?? 1));
        return command;
    }

    private static InferBench Bench(SpaceCatalogue spaces, string name, int size, int threads, int batch, int rounds, Field field)
    {
        var (space, anchor, peer) = Networks.FirstOrDefault(n => n.Anchor.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (space is null) throw new UserException($"--network {name}: is none of {string.Join(", ", Networks.Select(n => n.Anchor))}");
        return new(spaces.Find(space).Parse(anchor), peer, spaces.Find(space).CheckSize(size), threads, batch, rounds, field);
    }

    private static string Name(InferBench bench) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Networks.First(n => n.Peer == bench.Peer).Anchor}, batch {bench.Batch}, {bench.Threads} {(bench.Threads == 1 ? "thread" : "threads")}");

    /// <summary>
    /// All figures by their names; the ratios of the first bench, ResNet50 with one image and two threads unless told otherwise, stand by
    /// themselves too.
    /// </summary>
    private static JsonObject Json(IReadOnlyList<(string Name, IReadOnlyDictionary<string, double> Milliseconds)> results)
    {
        var ratios = Ratios(results[0].Milliseconds);
        foreach (var (name, of) in results) ratios[name] = Ratios(of);
        return new()
        {
            ["milliseconds"] = new JsonObject(
                results.Select(
                    r =>
                        KeyValuePair.Create(
                            r.Name,
                            (JsonNode?)new JsonObject(r.Milliseconds.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)))))),
            ["ratios"] = ratios,
        };
    }

    /// <summary>Over 1 where the first named is faster; those over the best peer of the same type come first.</summary>
    private static JsonObject Ratios(IReadOnlyDictionary<string, double> of)
    {
        var ratios = new JsonObject();
        Best(InferWorker.Folded, InferBench.Float32);
        Best(InferWorker.FoldedBf16, InferBench.BFloat16);
        Best(InferWorker.CSharp, InferBench.Float32);
        Best(InferWorker.CSharpInt8, InferBench.Int8);
        Add("csharpInt8OverCsharp", InferWorker.CSharp, InferWorker.CSharpInt8);
        Add("foldedOverTorchsharp", InferBench.TorchSharp, InferWorker.Folded);
        Add("foldedOverTorchsharpFolded", InferBench.TorchSharpFolded, InferWorker.Folded);
        Add("foldedOverTorchvision", InferBench.Torchvision, InferWorker.Folded);
        Add("foldedOverTorchvisionFrozen", InferBench.TorchvisionFrozen, InferWorker.Folded);
        Add("foldedOverOnnxRuntime", InferWorker.OnnxRuntime, InferWorker.Folded);
        Add("foldedBf16OverTorchsharp", InferBench.TorchSharpBf16, InferWorker.FoldedBf16);
        Add("foldedBf16OverTorchvisionFrozen", InferBench.TorchvisionBf16, InferWorker.FoldedBf16);
        Add("classOverTorchsharp", InferBench.TorchSharp, InferWorker.Class);
        Add("classOverSupernet", InferBench.Supernet, InferWorker.Class);
        Add("csharpOverTorchvision", InferBench.Torchvision, InferWorker.CSharp);
        Add("csharpOverOnnxRuntime", InferWorker.OnnxRuntime, InferWorker.CSharp);
        return ratios;

        void Best(string ours, IReadOnlyList<string> peers)
        {
            if (peers.Where(of.ContainsKey).MinBy(peer => of[peer]) is { } best) Add($"{ours}OverBestPeer", best, ours);
        }

        void Add(string name, string peer, string ours)
        {
            if (of.TryGetValue(peer, out var theirs)) ratios[name] = theirs / of[ours];
        }
    }
}
