using System.Globalization;
using DataSsl.Runtime;

namespace DataSsl.Cli.Bench;

/// <summary>Times one network's forward pass in every form, ours and peers' in turn, so that a noisy machine is noisy for all.</summary>
/// <param name="Architecture">The one that <paramref name="Peer"/> is.</param>
/// <param name="Peer">A constructor of torchvision.models.</param>
/// <param name="Rounds">Counted passes of each contestant; one more warms up.</param>
internal sealed record InferBench(Architecture Architecture, string Peer, int Size, int Threads, int Batch, int Rounds)
{
    public const string Supernet = "supernet", Torchvision = "torchvision";

    /// <summary>Median milliseconds of a pass by contestant; a contestant that the machine lacks is missing.</summary>
    public IReadOnlyDictionary<string, double> Run()
    {
        var unit = $"{Peer}, {Threads} {(Threads == 1 ? "thread" : "threads")}, batch {Batch}: round";
        var results = Contest.Run(Contestants(), Rounds, unit, (_, _) => Batch.ToString(CultureInfo.InvariantCulture));
        return results.ToDictionary(r => r.Key, r => 1000 * r.Value.Seconds);
    }

    private IEnumerable<Contestant> Contestants()
    {
        foreach (var variant in new[] { Supernet, Torchvision })
            yield return new(variant, PeerScript.Python, [PeerScript.Find("infer.py"), variant, Peer, $"{Threads}", $"{Size}"], Threads);
        foreach (var form in new[] { InferWorker.Class, InferWorker.Folded, InferWorker.FoldedBf16, InferWorker.CSharp, InferWorker.OnnxRuntime })
            yield return new(form, Environment.ProcessPath!, ["bench", "infer-worker", "--space", Architecture.Space.Name, "--arch", Architecture.ToString(), "--form", form, "--size", $"{Size}", "--threads", $"{Threads}"], Threads);
    }
}
