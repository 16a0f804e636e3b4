using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Search.Emit;

namespace DataSsl.Cli.Bench;

/// <summary>Times one network's forward pass in every form, ours and peers' in turn, so that a noisy machine is noisy for all.</summary>
/// <param name="Architecture">The one that <paramref name="Peer"/> is.</param>
/// <param name="Peer">A constructor of torchvision.models.</param>
/// <param name="Rounds">Counted passes of each contestant; one more warms up.</param>
internal sealed record InferBench(Architecture Architecture, string Peer, int Size, int Threads, IReadOnlyList<int> Batches, int Rounds)
{
    /// <summary>Median milliseconds of a pass by contestant and batch; a contestant that the machine lacks is missing.</summary>
    public IReadOnlyDictionary<(string Contestant, int Batch), double> Run()
    {
        var folder = Directory.CreateTempSubdirectory("datassl-infer-").FullName;
        var medians = new Dictionary<(string, int), double>();
        try
        {
            var model = Path.Combine(folder, "model.onnx");
            FixedNetwork.WriteUntrainedOnnx(model, Architecture, Size);
            // A contestant knows one batch: its medians are of like work.
            foreach (var batch in Batches)
            {
                var contestants = new List<Contestant>();
                try
                {
                    contestants.AddRange(Contestants(model));
                    for (var round = 0; round <= Rounds; round++)
                        foreach (var contestant in contestants) contestant.Step(batch.ToString(CultureInfo.InvariantCulture), counted: round > 0);
                    foreach (var contestant in contestants)
                    {
                        contestant.Finish();
                        medians.Add((contestant.Name, batch), 1000 * contestant.Median);
                    }
                }
                finally
                {
                    foreach (var contestant in contestants) contestant.Dispose();
                }
                Output.Progress($"{Peer}, {Threads} threads, batch {batch}: {Rounds} rounds");
            }
            return medians;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IEnumerable<Contestant> Contestants(string model)
    {
        foreach (var variant in new[] { "supernet", "torchvision" })
            yield return new(variant, PeerScript.Python, [PeerScript.Find("infer.py"), variant, Peer, $"{Threads}", $"{Size}"]);
        foreach (var form in new[] { "class", "folded", "foldedBf16" })
            yield return new(form, Environment.ProcessPath!, ["bench", "infer-worker", "--space", Architecture.Space.Name, "--arch", Architecture.ToString(), "--form", form, "--size", $"{Size}", "--threads", $"{Threads}"]);
        if (Runtime() is { } modules) yield return new("onnxRuntime", "node", [PeerScript.Find("infer.mjs"), modules, model, $"{Threads}", $"{Size}"]);
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
