using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Supernets;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>Times one network's forward pass in every form, ours and peers' in turn, so that a noisy machine is noisy for all.</summary>
/// <param name="Architecture">The one that <paramref name="Peer"/> is.</param>
/// <param name="Peer">A constructor of torchvision.models.</param>
/// <param name="Rounds">Counted passes of each contestant; one more warms up.</param>
internal sealed record InferBench(Architecture Architecture, string Peer, int Size, int Threads, int Batch, int Rounds, Field Field)
{
    public const string Supernet =
        "supernet", Torchvision = "torchvision", TorchvisionFrozen = "torchvision-frozen", TorchvisionBf16 = "torchvision-frozen-bf16";

    public const string TorchSharp = Entry.TorchSharp, TorchSharpFolded = "torchsharp-folded", TorchSharpBf16 = "torchsharp-folded-bf16";

    /// <summary>The peers in 32 bits that run the network as such; a supernet's slice is another thing.</summary>
    public static IReadOnlyList<string> Float32 { get; } =
    [
        TorchSharp, TorchSharpFolded, Torchvision, TorchvisionFrozen, InferWorker.OnnxRuntime,
    ];

    /// <summary>Those in bfloat16.</summary>
    public static IReadOnlyList<string> BFloat16 { get; } = [TorchSharpBf16, TorchvisionBf16];

    /// <summary>Those in 8 bits.</summary>
    public static IReadOnlyList<string> Int8 { get; } = [InferWorker.OnnxRuntimeInt8];

    public static IReadOnlyList<string> Peers { get; } = [Supernet, .. Float32, .. BFloat16, .. Int8];

    /// <summary>Median milliseconds of a pass by contestant; a contestant that the machine lacks is missing.</summary>
    public IReadOnlyDictionary<string, double> Run()
    {
        var unit = $"{Peer}, {Threads} {(Threads == 1 ? "thread" : "threads")}, batch {Batch}: round";
        var results = Contest.Run(Entries(), Threads, Rounds, unit, (_, _) => Batch.ToString(CultureInfo.InvariantCulture));
        return results.ToDictionary(r => r.Key, r => 1000 * r.Value.Seconds);
    }

    private IEnumerable<Entry> Entries()
    {
        IEnumerable<Entry> all =
        [
            .. new[] { InferWorker.Class, InferWorker.Folded, InferWorker.FoldedBf16, InferWorker.CSharp, InferWorker.CSharpInt8 }
                .Select(Worker),
            .. Field.Of(
            [
                Worker(InferWorker.OnnxRuntime), Worker(InferWorker.OnnxRuntimeInt8),
                .. new[] { (TorchSharp, "plain"), (TorchSharpFolded, "folded"), (TorchSharpBf16, "folded-bf16") }
                    .Select(v => new Entry(v.Item1, PeerPrograms.TorchSharp, ["infer", v.Item2, Peer, $"{Threads}", $"{Size}"])),
                .. new[] { Supernet, Torchvision, TorchvisionFrozen, TorchvisionBf16 }.Select(
                    v => new Entry(v, PeerPrograms.Python, [PeerPrograms.Script("infer.py"), v, Peer, $"{Threads}", $"{Size}"])),
            ]),
        ];
        if (LibtorchInfo.HasNativeBFloat16(CPU)) return all;
        Notices.Tell($"without the forms in bfloat16: this processor has no such arithmetic, or oneDNN is held to less");
        return all.Where(entry => entry.Name != InferWorker.FoldedBf16 && !BFloat16.Contains(entry.Name));
    }

    private Entry Worker(string form) => new(form, Environment.ProcessPath!,
        [
            "bench", "infer-worker", "--space", Architecture.Space.Name, "--arch", Architecture.ToString(), "--form", form, "--size",
            $"{Size}", "--threads", $"{Threads}",
        ]);
}
