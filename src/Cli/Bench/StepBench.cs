using System.Globalization;
using DataSsl.Generator;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Bench;

/// <summary>Times training steps of ours and of PyTorch peers.</summary>
/// <param name="Steps">Counted steps of each contestant; one more warms up.</param>
internal sealed record StepBench(SearchSpace Space, int Size, int Batch, int Threads, int Steps, string Compute, Device Device)
{
    /// <summary>Median seconds and peak bytes by contestant: ours, released, best, static.</summary>
    public IReadOnlyDictionary<string, (double Seconds, long PeakBytes)> Run()
    {
        if (Space.Family != "resnet-bottleneck") throw new UserException($"--space {Space.Name}: the peer of bench step is written for resnet-bottleneck, not for {Space.Family}");
        string[] peers = ["released", "best", "static"];
        return Contest.Run(peers.Select(Peer).Prepend(Ours()), Steps, "step", Line);
    }

    private Contestant Ours() => new("ours", Environment.ProcessPath!,
        ["bench", "worker", "--space", Space.Name, "--size", $"{Size}", "--batch", $"{Batch}", "--threads", $"{Threads}", "--compute", Compute, "--device", $"{Device}"], Threads);

    private Contestant Peer(string form)
    {
        var declared = SpaceCompiler.Parse(Space.Name, Space.Source).Space!;
        var stem = declared.LowResolutionStem ? "low" : "standard";
        return new(form, PeerScript.Python,
        [
            PeerScript.Find("gaia_step.py"), form, Compute, $"{Threads}", $"{Batch}", $"{Size}", PeerText(Space.Max), stem,
            string.Join(',', declared.Strides), $"{Device}",
        ], Threads);
    }

    /// <summary>The released rule draws Max, Min and one random; the others Max and two random, the same ones.</summary>
    private string Line(Contestant contestant, int step)
    {
        var rule = contestant.Name == "released" ? SandwichRule.Released : SandwichRule.Algorithm1;
        var architectures = Sandwich.Draw(Space, rule, seed: 0, step);
        return string.Join(' ', architectures.Select(a => contestant.Name == "ours" ? Space.IndexOf(a).ToString(CultureInfo.InvariantCulture) : PeerText(a)));
    }

    /// <summary>stem/widths/depths, as the peer reads it.</summary>
    private string PeerText(Architecture a)
    {
        var stages = Enumerable.Range(1, Space.Segments.Count - 1).Select(i => Space.Segments[i]).ToList();
        return $"{a.Channels(0)}/{string.Join(',', stages.Select(s => a[s.ChannelAxis]))}/{string.Join(',', stages.Select(s => a[s.DepthAxis]))}";
    }
}
