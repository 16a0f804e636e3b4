using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataSsl.Bench;
using DataSsl.EndToEnd.Peers;
using DataSsl.Torch;

namespace DataSsl.EndToEnd;

/// <summary>
/// The inference benchmark with real contestants, at a small size: every form of ours and a peer of each engine, since each start of
/// PyTorch takes ten seconds. What the others compute is InferPeerTests'.
/// </summary>
public sealed class BenchInferTests
{
    private static readonly string[] Peers =
    [
        InferBench.TorchSharpFolded, InferBench.TorchSharpBf16, InferBench.Torchvision, InferBench.TorchvisionBf16, InferWorker.OnnxRuntime,
        InferWorker.OnnxRuntimeInt8,
    ];

    [SkippableFact]
    public void It_times_every_form_against_torchvision_and_onnx_runtime()
    {
        PyTorchPeers.Require();
        var bench = Bench(
            "--network", "MobileNetV2", "--size", "32", "--batch", "2", "--threads", "1", "--rounds", "1", "--peers",
            string.Join(',', Peers), "--json")
            .Succeeded();
        var json = JsonNode.Parse(bench.Output)!;
        var milliseconds = json["milliseconds"]!["MobileNetV2, batch 2, 1 thread"]!.AsObject()
            .ToDictionary(m => m.Key, m => (double)m.Value!);
        HashSet<string> all = ["class", "folded", "foldedBf16", "csharp", "csharpInt8", .. Peers];
        // Elsewhere bfloat16 is emulated, or PyTorch has no operators for it.
        if (!LibtorchInfo.HasNativeBFloat16(TorchSharp.torch.CPU)) all.ExceptWith(["foldedBf16", .. InferBench.BFloat16]);
        Assert.Equal(all, milliseconds.Keys.ToHashSet());
        Assert.All(milliseconds.Values, value => Assert.InRange(value, 0.01, 60_000));
        var ratios = json["ratios"]!;
        Assert.Equal(milliseconds["torchvision"] / milliseconds["folded"], (double)ratios["foldedOverTorchvision"]!, 1e-9);
        Assert.Equal(milliseconds["onnxRuntime"] / milliseconds["csharp"], (double)ratios["csharpOverOnnxRuntime"]!, 1e-9);
        Assert.Equal(milliseconds["onnxRuntimeInt8"] / milliseconds["csharpInt8"], (double)ratios["csharpInt8OverBestPeer"]!, 1e-9);
    }

    [Theory]
    [InlineData("--network", "VGG", "--network VGG: is none of ResNet50, MobileNetV2")]
    [InlineData("--batch", "0", "--batch 0: give a whole number from 1 to 65536")]
    public void Bad_input_is_one_line(string option, string value, string why)
    {
        var run = Bench(option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches($@"\Adatassl: {Regex.Escape(why)}[^\n]*\n\z", run.Error);
    }

    /// <summary>By its own name: it starts itself for each contestant.</summary>
    private static EmitProgram.Result Bench(params string[] arguments) =>
        EmitProgram.Run(Path.Combine(AppContext.BaseDirectory, "datassl"), ["bench", "infer", .. arguments]);
}
