using System.Text.Json.Nodes;
using DataSsl.EndToEnd.Peers;

namespace DataSsl.EndToEnd;

/// <summary>The data benchmark with its real contestants, at a small size.</summary>
public class BenchDataTests
{
    [SkippableFact]
    public void Bench_data_times_ours_another_build_and_a_peer_on_the_same_files()
    {
        using var folder = new TrainFolder();
        var program = Path.Combine(AppContext.BaseDirectory, "datassl");
        var bench = EmitProgram.Run(
            program, "bench", "data", "--data", folder.Images, "--size", "24", "--batch", "6", "--rounds", "2", "--threads", "2", "--peers",
            "opencv", "--against", program, "--json")
                .Succeeded();
        Rated(bench.Output, "opencv", "against", "bestPeer");
    }

    [SkippableFact]
    public void Bench_data_times_torchvision()
    {
        PyTorchPeers.Require();
        using var folder = new TrainFolder();
        var bench = EmitProgram.Run(
            Path.Combine(AppContext.BaseDirectory, "datassl"), "bench", "data", "--data", folder.Images, "--size", "24", "--batch", "6",
            "--rounds", "2", "--threads", "2", "--json")
                .Succeeded();
        Rated(bench.Output, "opencv", "torchvision-pillow", "torchvision-tensors", "bestPeer");
    }

    private static void Rated(string json, params string[] names)
    {
        var ratios = JsonNode.Parse(json)!["ratios"]!.AsObject();
        Assert.Equal(names.Order(), ratios.Select(r => r.Key).Order());
        Assert.All(ratios, ratio => Assert.InRange((double)ratio.Value!, 0.001, 10_000));
        Assert.Equal("bestPeer", ratios.First().Key);
    }
}
