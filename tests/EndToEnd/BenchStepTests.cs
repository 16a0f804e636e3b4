using System.Text.Json.Nodes;
using DataSsl.Bench;
using DataSsl.EndToEnd.Peers;

namespace DataSsl.EndToEnd;

/// <summary>The step and search benchmarks with their real contestants, at a small size.</summary>
public sealed class BenchStepTests
{
    private static readonly string program = Path.Combine(AppContext.BaseDirectory, "datassl");

    [Fact]
    public void Bench_step_times_the_peers_on_the_same_libtorch_and_another_build()
    {
        string[] peers = ["torchsharp", "torchsharp-static", "torchsharp-released"];
        var json = Step("--peers", string.Join(',', peers), "--against", program, "--queue", "64", "--norm-groups", "2");
        Assert.Equal(peers.Append("against").Append("bestPeer").Order(), json["ratios"]!.AsObject().Select(r => r.Key).Order());
        Assert.Equal("torchsharp", (string?)json["bestPeer"]);
        Assert.Equal((64, 2), ((int)json["settings"]!["queue"]!, (int)json["settings"]!["norm groups"]!));
        Assert.Equal(
            (double)json["seconds"]!["torchsharp"]! / (double)json["seconds"]!["ours"]!, (double)json["ratios"]!["bestPeer"]!, 1e-9);
    }

    [SkippableFact]
    public void Bench_step_times_PyTorch()
    {
        PyTorchPeers.Require();
        Assert.Equal(StepBench.Peers.Append("bestPeer").Order(), Step().AsObject()["ratios"]!.AsObject().Select(r => r.Key).Order());
    }

    [Fact]
    public void The_queue_is_what_training_takes_for_ten_thousand_images() =>
        Assert.Equal((2496, 2432), (StepBench.QueueFor(10_000, 32), StepBench.QueueFor(10_000, 128)));

    [Theory]
    [InlineData("--peers", "jax", "--peers jax: is none of torchsharp,")]
    [InlineData("--against", "no/such/program", "--against no/such/program: no such program")]
    [InlineData("--queue", "63", "--queue 63: is no multiple of the batch, 4")]
    [InlineData("--norm-groups", "3", "--norm-groups 3: does not deal a batch of 4 into equal groups")]
    public void Bad_input_is_one_line(string option, string value, string why)
    {
        var run = EmitProgram.Run(program, "bench", "step", "--space", "Small32", option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"datassl: {why}", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    private static JsonNode Step(params string[] more) => JsonNode.Parse(
        EmitProgram.Run(
                program,
                [
                    "bench", "step", "--space", "Small32", "--size", "16", "--batch", "8", "--threads", "1", "--steps", "1", "--json",
                    .. more,
                ])
            .Succeeded().Output)!;
}
