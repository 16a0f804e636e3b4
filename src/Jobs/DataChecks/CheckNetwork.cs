using DataSsl.Jobs.Evaluation;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.DataChecks;

/// <summary>A network by whose embeddings images are held for alike.</summary>
/// <param name="Calibration">Images that BatchNorm's statistics are taken over at most.</param>
/// <param name="Device">Where it runs.</param>
internal sealed record CheckNetwork(NetworkSource Source, CalibrationDraw Calibration, Device Device)
{
    /// <summary>Refuses one of other pictures than a person sees.</summary>
    public void MustShowColours()
    {
        if (Source.Pixels.Format != PixelFormat.Rgb)
            throw new UserException(
                $"data check: looks at red, green and blue of 8 bits, and {Source.Title} is shown {Source.Pixels.Format}; give another network, or none");
    }

    /// <summary>Every image of some sets with each of its nearest by cosine, in the images' order and each pair once.</summary>
    /// <param name="stores">The sets, which are numbered one behind the other.</param>
    /// <param name="count">How many of each.</param>
    public IReadOnlyList<(int First, int Second)> Alike(IReadOnlyList<ImageStore> stores, int count)
    {
        using var scope = NewDisposeScope();
        using var embedder = new ImageEmbedder(Source, stores[0], Calibration, Device);
        var near = NearestNeighbours.In(cat([.. stores.Select(store => embedder.Embed(store))], 0), count);
        return
        [
            .. Enumerable.Range(0, stores.Sum(store => store.Count))
                .SelectMany(image => near.Of(image).Select(other => (Math.Min(image, other.Place), Math.Max(image, other.Place))))
                .Distinct().Order(),
        ];
    }
}
