using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Bench;

/// <summary>Times MoCo v2's two views from image files, ours and torchvision's in turn, so that a noisy machine is noisy for all.</summary>
/// <param name="Rounds">Counted batches of each contestant; one more warms up.</param>
internal sealed record DataBench(ImageFiles Source, int Size, int Batch, int Threads, int Rounds)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Median images a second (each decoded once and viewed twice) and peak bytes by contestant: ours, pil, tensor.</summary>
    public IReadOnlyDictionary<string, (double ImagesPerSecond, long PeakBytes)> Run()
    {
        var contestants = new List<Contestant>();
        try
        {
            contestants.Add(new("ours", Environment.ProcessPath!, ["bench", "data-worker", "--data", Source.Root, "--size", $"{Size}", "--threads", $"{Threads}"]));
            foreach (var variant in new[] { "pil", "tensor" })
                contestants.Add(new(variant, PeerScript.Python, [PeerScript.Find("moco_views.py"), variant, $"{Size}", $"{Threads}", $"{Batch}"]));
            for (var round = 0; round <= Rounds; round++)
            {
                var images = Enumerable.Range(round * Batch, Batch).Select(i => i % Source.Count).ToArray();
                foreach (var contestant in contestants) contestant.Step(Line(contestant, images), counted: round > 0);
                Output.Progress($"round {round} of {Rounds}{(round == 0 ? " (warm-up, not counted)" : "")}");
            }
            foreach (var contestant in contestants) contestant.Finish();
            return contestants.ToDictionary(c => c.Name, c => (Batch / c.Median, c.PeakBytes));
        }
        finally
        {
            foreach (var contestant in contestants) contestant.Dispose();
        }
    }

    /// <summary>The same files for all: ours knows them by index.</summary>
    private string Line(Contestant contestant, int[] images) => contestant.Name == "ours"
        ? string.Join(' ', images.Select(i => i.ToString(CultureInfo.InvariantCulture)))
        : JsonSerializer.Serialize(images.Select(i => Path.GetFullPath(Source.Paths[i])), Plain);
}
