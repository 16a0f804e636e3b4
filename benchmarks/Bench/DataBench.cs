using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;

namespace DataSsl.Bench;

/// <summary>Times MoCo v2's two views from image files, ours and peers'.</summary>
/// <param name="Rounds">Counted batches of each contestant; one more warms up.</param>
internal sealed record DataBench(ImageFiles Source, int Size, int Batch, int Threads, int Rounds, Field Field)
{
    /// <summary>OpenCV from C#; torchvision on Pillow's images and on tensors.</summary>
    public const string OpenCv = "opencv", Pillow = "torchvision-pillow", Tensors = "torchvision-tensors";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<string> Peers { get; } = [OpenCv, Pillow, Tensors];

    /// <summary>Median seconds that an image takes, decoded once and viewed twice, by contestant.</summary>
    public Standings Run()
    {
        // Left away where it says nothing: an older build to compare with may not know it.
        string[] limit = Images.MaxMegapixels == Images.DefaultMaxMegapixels ? [] : ["--max-megapixels", $"{Images.MaxMegapixels}"];
        var entries = Field.Of(["bench", "data-worker", "--data", Source.Root, "--size", $"{Size}", "--threads", $"{Threads}", .. limit],
        [
            new(OpenCv, PeerPrograms.TorchSharp, ["data", $"{Size}", $"{Threads}", $"{Batch}"]),
            .. new[] { (Pillow, "pil"), (Tensors, "tensor") }.Select(
                v =>
                    new Entry(
                        v.Item1, PeerPrograms.Python,
                        [PeerPrograms.Script("moco_views.py"), v.Item2, $"{Size}", $"{Threads}", $"{Batch}"])),
        ]);
        var of = Contest.Run(
            entries, Threads, Rounds, "round",
            (contestant, round) => Line(contestant.Name, [.. Enumerable.Range(round * Batch, Batch).Select(i => i % Source.Count)]),
            contestant => contestant.Median / Batch);
        return new([("data", Source.Root), ("views of", Size), ("batch", Batch), ("threads", Threads), ("rounds", Rounds)], of, Peers);
    }

    /// <summary>The same files for all: ours knows them by index.</summary>
    private string Line(string name, int[] images) => name is Entry.Ours or Entry.Against
        ? string.Join(' ', images.Select(i => i.ToString(CultureInfo.InvariantCulture)))
        : JsonSerializer.Serialize(images.Select(i => Path.GetFullPath(Source.Paths[i])), Plain);
}
