using System.Text.Json.Nodes;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Similarity;

/// <summary>Which network makes embeddings of which images.</summary>
/// <param name="Data">Where the images are.</param>
/// <param name="Calibration">Images that BatchNorm's statistics are taken over at most.</param>
/// <param name="Show">Images that people are shown at most.</param>
internal sealed record SimilarRequest(NetworkSource Source, string Data, CalibrationDraw Calibration, int Show, long Seed, Device Device)
{
    /// <summary>How pictures are cut into images; null for each as one.</summary>
    public TileRule? Tiles { get; init; }

    /// <summary>The images of a path, or the tiles of them.</summary>
    public ImageSource List(string path) => Images.Cut(ImageSource.Open(path), Tiles, Source.Pixels.Format);

    /// <summary>Decodes images; what cannot be read is named and left out.</summary>
    public ImageStore Load(ImageSource images) => Images.Whole(images, Source.Pixels);

    /// <summary>Makes room for the answer: done when all that is given is known to be sound, and before work is spent on it.</summary>
    public Action? MakeRoom { get; init; }

    /// <summary>The network, with BatchNorm statistics of some images where it gathers them: work begins here.</summary>
    public ImageEmbedder Embedder(ImageStore images)
    {
        MakeRoom?.Invoke();
        return new(Source, images, Calibration, Device);
    }

    /// <summary>What made the embeddings of which images.</summary>
    /// <param name="embedder">The network.</param>
    /// <param name="images">The images, under the options that named them.</param>
    public JsonObject Facts(ImageEmbedder embedder, params IEnumerable<(string Option, ImageStore Store)> images)
    {
        var facts = new JsonObject
        {
            ["network"] = Source.Facts.DeepClone(),
            ["batchNorm"] = embedder.BatchNorm,
            ["size"] = Source.Size,
            ["seed"] = Seed,
            ["images"] = new JsonObject(
                images.Select(one => KeyValuePair.Create<string, JsonNode?>(
                    one.Option,
                    new JsonObject
                    {
                        ["path"] = one.Store.Source.Root,
                        ["fingerprint"] = one.Store.Fingerprint[..16],
                        ["images"] = one.Store.Count,
                        ["unreadable"] = one.Store.UnreadableCount,
                    }))),
            ["datassl"] = Product.Version,
        };
        if (Tiles is not null) facts["tiles"] = Tiles.ToString();
        return facts;
    }
}
