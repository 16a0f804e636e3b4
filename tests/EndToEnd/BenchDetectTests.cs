using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataSsl.Bench;
using DataSsl.EndToEnd.Peers;

namespace DataSsl.EndToEnd;

/// <summary>The detection benchmark with its real contestants, at a small size.</summary>
public sealed class BenchDetectTests
{
    [SkippableFact]
    public void It_times_ours_and_torchvision()
    {
        PyTorchPeers.Require();
        var json = JsonNode.Parse(
            Bench("--size", "32", "--batch", "1", "--threads", "1", "--steps", "1", "--json").Succeeded().Output)!;
        Assert.Equal(["bestPeer", "torchvision"], json["ratios"]!.AsObject().Select(r => r.Key));
        Assert.Equal(DetectBench.Torchvision, (string?)json["bestPeer"]);
        Assert.Equal((32, 1), ((int)json["settings"]!["size"]!, (int)json["settings"]!["batch"]!));
        var seconds = json["seconds"]!;
        Assert.Equal(
            (double)seconds["torchvision"]! / (double)seconds["ours"]!, (double)json["ratios"]![DetectBench.Torchvision]!, 1e-9);
    }

    [Theory]
    [InlineData("--peers", "jax", "--peers jax: is none of torchvision")]
    [InlineData("--batch", "0", "--batch 0: give a whole number from 1 to 65536")]
    public void Bad_input_is_one_line(string option, string value, string why)
    {
        var run = Bench(option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches($@"\Adatassl: {Regex.Escape(why)}[^\n]*\n\z", run.Error);
    }

    /// <summary>By its own name: it starts itself for each contestant.</summary>
    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "datassl");

    private static EmitProgram.Result Bench(params string[] arguments) => EmitProgram.Run(Program, ["bench", "detect", .. arguments]);
}
