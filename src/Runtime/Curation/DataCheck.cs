using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Curation;

/// <summary>What a look at a set of images found, before anything is trained on them.</summary>
/// <param name="Groups">Images of one picture, the earliest group first.</param>
/// <param name="Faults">What is wrong with single ones, in their order.</param>
public sealed record DataCheck(IReadOnlyList<CopyGroup> Groups, IReadOnlyList<(int Image, ImageFault Fault)> Faults)
{
    /// <summary>Short side to load images with: no more is looked at.</summary>
    public const int Canvas = Thumbnail.Side;

    /// <summary>Short side to load images with where pairs that embeddings suspect are looked at too: of half of it all is seen.</summary>
    public const int FineCanvas = 2 * Thumbnail.Side;

    /// <summary>Pixels of the short side below which an image is tiny, unless told otherwise.</summary>
    public const int DefaultMinSide = 32;

    private const double MostStretched = 4, Most = 0.75;
    private const float Black = 12, White = 243, Level = 4;

    /// <summary>Looks at all images of some sets, which are numbered one set behind the other.</summary>
    /// <param name="stores">Loaded with <see cref="Canvas"/>.</param>
    /// <param name="minSide">Pixels of the short side below which an image is tiny.</param>
    /// <param name="progress">Told how many images were held against all.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public static DataCheck Of(
        IReadOnlyList<ImageStore> stores, int minSide = DefaultMinSide, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        var count = stores.Sum(store => store.Count);
        var (greys, faults) = (new float[Thumbnail.Pixels * count], new ImageFault?[count]);
        var first = 0;
        foreach (var store in stores)
        {
            Workers.For(store.Count, store.Workers, i =>
            {
                using var decoded = store.Get(i);
                Thumbnail.Write(decoded.Image, greys.AsSpan(Thumbnail.Pixels * (first + i), Thumbnail.Pixels));
                faults[first + i] = FaultOf(decoded.Image, SizeOf(store, i, decoded.Image), minSide);
            }, cancellation);
            first += store.Count;
        }
        return new(
            NearCopies.Find(greys, progress, cancellation),
            [.. faults.Index().Where(each => each.Item is not null).Select(each => (each.Index, each.Item!.Value))]);
    }

    /// <summary>
    /// The same with pairs that embeddings hold for alike and that show the same picture, cut by up to half of the sides, in other colours
    /// or stored badly: each is laid on every part of the other, so that what only looks alike stays apart.
    /// </summary>
    /// <param name="stores">The same images, with short sides of <see cref="FineCanvas"/> and more where they have as many.</param>
    /// <param name="suspects">Pairs by the common numbers, each once.</param>
    /// <param name="progress">Told how many images' pairs were looked at.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public DataCheck With(
        IReadOnlyList<ImageStore> stores, IReadOnlyList<(int First, int Second)> suspects, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        var sets = new DisjointSets(stores.Sum(store => store.Count));
        foreach (var pair in Groups.SelectMany(group => group.Pairs)) sets.Join(pair.First, pair.Second);
        var found = new List<NearCopy>(Groups.SelectMany(group => group.Pairs));
        var open = suspects.Where(pair => sets.Of(pair.First) != sets.Of(pair.Second)).ToList();
        foreach (var pair in Suspects.Confirmed(stores, open, progress, cancellation))
        {
            if (sets.Of(pair.First) == sets.Of(pair.Second)) continue;
            sets.Join(pair.First, pair.Second);
            found.Add(pair);
        }
        return this with { Groups = CopyGroup.Of(found, sets) };
    }

    /// <summary>As stored: the image itself may be shrunk.</summary>
    private static (long Width, long Height) SizeOf(ImageStore store, int index, Image image) =>
        store.Source.SizeOf(store.Places[index]) ?? (image.Width, image.Height);

    private static ImageFault? FaultOf(Image image, (long Width, long Height) size, int minSide)
    {
        var rgb = image.Rgb.Span;
        var (sum, squares, black, white, count) = (0.0, 0.0, 0, 0, rgb.Length / 3);
        for (var i = 0; i < rgb.Length; i += 3)
        {
            var luma = Luma.Of(rgb[i], rgb[i + 1], rgb[i + 2]);
            sum += luma;
            squares += luma * luma;
            if (luma <= Black) black++;
            if (luma >= White) white++;
        }
        var mean = sum / count;
        return Math.Max(0, squares / count - mean * mean) < Level * Level ? ImageFault.Empty
            : black >= Most * count ? ImageFault.Dark
            : white >= Most * count ? ImageFault.Bright
            : Math.Min(size.Width, size.Height) < minSide ? ImageFault.Tiny
            : Math.Max(size.Width, size.Height) > MostStretched * Math.Min(size.Width, size.Height) ? ImageFault.Stretched
            : null;
    }
}
