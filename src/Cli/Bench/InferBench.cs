using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Search.Emit;

namespace DataSsl.Cli.Bench;

/// <summary>Times one network's forward pass in every form, ours and peers' in turn, so that a noisy machine is noisy for all.</summary>
/// <param name="Architecture">The one that <paramref name="Peer"/> is.</param>
/// <param name="Peer">A constructor of torchvision.models.</param>
/// <param name="Rounds">Counted passes of each contestant; one more warms up.</param>
internal sealed record InferBench(Architecture Architecture, string Peer, int Size, int Threads, int Batch, int Rounds)
{
    public const string Supernet = "supernet", Torchvision = "torchvision", OnnxRuntime = "onnxRuntime";

    /// <summary>Median milliseconds of a pass by contestant; a contestant that the machine lacks is missing.</summary>
    public IReadOnlyDictionary<string, double> Run()
    {
        var folder = Directory.CreateTempSubdirectory("datassl-infer-").FullName;
        try
        {
            var model = Path.Combine(folder, "model.onnx");
            FixedNetwork.WriteUntrainedOnnx(model, Architecture, Size);
            var unit = $"{Peer}, {Threads} {(Threads == 1 ? "thread" : "threads")}, batch {Batch}: round";
            var results = Contest.Run(Contestants(model), Rounds, unit, (_, _) => Batch.ToString(CultureInfo.InvariantCulture));
            return results.ToDictionary(r => r.Key, r => 1000 * r.Value.Seconds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IEnumerable<Contestant> Contestants(string model)
    {
        foreach (var variant in new[] { Supernet, Torchvision })
            yield return new(variant, PeerScript.Python, [PeerScript.Find("infer.py"), variant, Peer, $"{Threads}", $"{Size}"], Threads);
        foreach (var form in new[] { InferWorker.Class, InferWorker.Folded, InferWorker.FoldedBf16, InferWorker.CSharp })
            yield return new(form, Environment.ProcessPath!, ["bench", "infer-worker", "--space", Architecture.Space.Name, "--arch", Architecture.ToString(), "--form", form, "--size", $"{Size}", "--threads", $"{Threads}"], Threads);
        if (Runtime() is { } modules) yield return new(OnnxRuntime, "node", [PeerScript.Find("infer.mjs"), modules, model, $"{Threads}", $"{Size}"], Threads);
    }

    /// <summary>The folder of onnxruntime-node; null, and a line why, where it is not to be had.</summary>
    private static string? Runtime()
    {
        var script = Path.GetFullPath(Path.Combine(PeerScript.Find("infer.mjs"), "..", "..", "..", "eng", "onnxruntime.sh"));
        using var process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true })!;
        var folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode == 0) return folder;
        Output.Progress($"without ONNX Runtime: onnxruntime-node cannot be installed");
        return null;
    }
}
