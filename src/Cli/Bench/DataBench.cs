using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Bench;

/// <summary>Times MoCo v2's two views from image files, ours and torchvision's.</summary>
/// <param name="Rounds">Counted batches of each contestant; one more warms up.</param>
internal sealed record DataBench(ImageFiles Source, int Size, int Batch, int Threads, int Rounds)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Median images a second (each decoded once and viewed twice) and peak bytes by contestant: ours, pil, tensor.</summary>
    public IReadOnlyDictionary<string, (double ImagesPerSecond, long PeakBytes)> Run()
    {
        var results = Contest.Run(Entering(), Rounds, "round", (contestant, round) => Line(contestant, [.. Enumerable.Range(round * Batch, Batch).Select(i => i % Source.Count)]));
        return results.ToDictionary(r => r.Key, r => (Batch / r.Value.Seconds, r.Value.PeakBytes));
    }

    private IEnumerable<Contestant> Entering()
    {
        yield return new("ours", Environment.ProcessPath!, ["bench", "data-worker", "--data", Source.Root, "--size", $"{Size}", "--threads", $"{Threads}"], Threads);
        foreach (var variant in new[] { "pil", "tensor" })
            yield return new(variant, PeerScript.Python, [PeerScript.Find("moco_views.py"), variant, $"{Size}", $"{Threads}", $"{Batch}"], Threads);
    }

    /// <summary>The same files for all: ours knows them by index.</summary>
    private string Line(Contestant contestant, int[] images) => contestant.Name == "ours"
        ? string.Join(' ', images.Select(i => i.ToString(CultureInfo.InvariantCulture)))
        : JsonSerializer.Serialize(images.Select(i => Path.GetFullPath(Source.Paths[i])), Plain);
}
