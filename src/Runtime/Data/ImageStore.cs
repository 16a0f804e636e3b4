using System.Security.Cryptography;
using System.Text;

namespace DataSsl.Runtime.Data;

/// <summary>
/// The images of a source, decoded once, shrunk to a canvas and kept in memory. Images beyond the memory budget are decoded
/// again whenever they are fetched, on parallel workers; their pixels are the same. With a cache folder all of them lie in a file instead.
/// </summary>
/// <remarks>Indices count the readable images in the source's order, whatever the number of workers.</remarks>
public sealed class ImageStore
{
    private readonly Image?[] resident;
    private readonly int[] readable;
    private readonly ImageCache? cache;
    private readonly ImageReader reader;

    private ImageStore(ImageSource source, int[] readable, Image?[] resident, ImageCache? cache, ImageReader reader, int workers,
        PixelRule pixels)
    {
        Pixels = pixels;
        Source = source;
        this.resident = resident;
        this.cache = cache;
        this.reader = reader;
        Workers = workers;
        this.readable = readable;
        Labels = source.Labels is { } labels ? Array.ConvertAll(readable, i => labels[i]) : null;
        UnreadableCount = source.Count - readable.Length;
    }

    /// <summary>Where the images came from.</summary>
    public ImageSource Source { get; }

    /// <summary>How the pixels become a network's inputs; all views of the store's images are made by it.</summary>
    public PixelRule Pixels { get; }

    /// <summary>The same images, to be normalised by other statistics.</summary>
    /// <param name="mean">By band.</param>
    /// <param name="deviation">By band.</param>
    public ImageStore Normalised(Channels mean, Channels deviation) =>
        new(Source, readable, resident, cache, reader, Workers, Pixels with { Mean = mean, Deviation = deviation });

    /// <summary>Threads that decode, and make views from what they decode.</summary>
    public int Workers { get; }

    /// <summary>The number of readable images, at least 1.</summary>
    public int Count => resident.Length;

    /// <summary>How many images could not be decoded and are left out.</summary>
    public int UnreadableCount { get; }

    /// <summary>How many images are held in memory or in a cache file; the others are decoded at each fetch.</summary>
    public int ResidentCount => cache is null ? resident.Count(image => image is not null) : Count;

    /// <summary>
    /// Identifies the images: their source's fingerprint where all are readable. Where some are not, it says which, since another limit or
    /// another decoder, which leaves out others, gives other images.
    /// </summary>
    public string Fingerprint => UnreadableCount == 0
        ? Source.Fingerprint
        : Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.ASCII.GetBytes($"{Source.Fingerprint} {string.Join(' ', Enumerable.Range(0, Source.Count).Except(readable))}")));

    /// <summary>Where in the source each readable image is, ascending.</summary>
    public IReadOnlyList<int> Places => readable;

    /// <summary>The class of every readable image; null when there are no classes.</summary>
    public int[]? Labels { get; }

    /// <summary>The images that are no copies of earlier ones, byte by byte, ascending.</summary>
    public int[] Distinct()
    {
        var copies = Source.Copies().Select(image => image.Copy).ToHashSet();
        return [.. Enumerable.Range(0, Count).Where(image => !copies.Contains(readable[image]))];
    }

    /// <summary>What the source calls an image.</summary>
    public string NameOf(int index) => Source.Names[readable[index]];

    /// <summary>Where an image lies, as <see cref="ImageSource.PathOf"/> says.</summary>
    public string PathOf(int index) => Source.PathOf(readable[index]);

    /// <summary>An image read anew, for people to look at.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="canvas">Its short side in pixels, or less where it has less.</param>
    /// <param name="maxPixels">Pixels of the largest image that is decoded.</param>
    /// <exception cref="UserException">A file that decoded when the store was loaded no longer does.</exception>
    public Image Picture(int index, int canvas, long maxPixels)
    {
        var once = new ImageReader(new() { Canvas = canvas, MaxPixels = maxPixels, Pixels = Pixels });
        var image = once.Read(Source, readable[index]);
        once.Forget();
        return image;
    }

    /// <summary>Decodes every image once, in parallel.</summary>
    /// <param name="source">The images.</param>
    /// <param name="options">Canvas, memory budget, cache, workers.</param>
    /// <param name="warn">Told once about each image that cannot be decoded, in order, after all were tried, and about a damaged
    /// cache.</param>
    /// <param name="progress">Told the number of files tried so far; called from the workers.</param>
    /// <param name="cancellation">Ends the loading early.</param>
    /// <exception cref="UserException">No image can be decoded, or the cache cannot be written.</exception>
    public static ImageStore Load(
        ImageSource source, ImageStoreOptions options, Action<string>? warn = null, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        var reader = new ImageReader(options);
        var cache = options.Cache is { } folder ? ImageCache.Load(source, reader, options, folder, warn, progress, cancellation) : null;
        var (images, errors) = cache is null
            ? DecodeAll(source, reader, options, progress, cancellation)
            : (new Image?[source.Count], cache.Errors);
        reader.Forget();
        var readable = Enumerable.Range(0, source.Count).Where(i => errors[i] is null).ToArray();
        if (readable.Length == 0)
            throw new UserException($"none of the {source.Count} images under '{source.Root}' can be decoded; the first: {errors[0]}");
        foreach (var error in errors)
            if (error is not null) warn?.Invoke($"skipped: {error}");
        return new(source, readable, Array.ConvertAll(readable, i => images[i]), cache, reader, options.Workers, options.Pixels);
    }

    private static (Image?[] Images, string?[] Errors) DecodeAll(
        ImageSource source, ImageReader reader, ImageStoreOptions options, Action<int>? progress, CancellationToken cancellation)
    {
        var (images, errors) = (new Image?[source.Count], new string?[source.Count]);
        long used = 0;
        var tried = 0;
        source.InRuns(0, source.Count, options.Workers, i =>
        {
            (var image, errors[i]) = reader.TryRead(source, i);
            if (image is not null && Interlocked.Add(ref used, image.Pixels.Length) <= options.MemoryBudget) images[i] = image;
            else Interlocked.Add(ref used, -image?.Pixels.Length ?? 0);
            progress?.Invoke(Interlocked.Increment(ref tried));
        }, cancellation);
        return (images, errors);
    }

    /// <summary>The images at <paramref name="indices"/>; those that are not in memory are decoded on parallel workers.</summary>
    /// <exception cref="UserException">A file that decoded when the store was loaded no longer does.</exception>
    public ImageBatch Get(ReadOnlySpan<int> indices)
    {
        var batch = indices.ToArray();
        var images = new Image[batch.Length];
        var missing = 0;
        for (var i = 0; i < batch.Length; i++)
        {
            if (resident[batch[i]] is { } image) images[i] = image;
            else missing++;
        }
        if (missing > 0)
            Runtime.Workers.For(batch.Length, Workers, i => images[i] ??= Keep(batch[i]));
        return new(batch, images) { Pixels = Pixels };
    }

    /// <summary>One image; where it is not in memory, it is brought into memory that is given back with the result.</summary>
    internal DecodedImage Get(int index) =>
        resident[index] is { } image ? new(image) : cache?.Open(readable[index]) ?? reader.Open(Source, readable[index]);

    private Image Keep(int index)
    {
        using var image = Get(index);
        return image.ToKeep();
    }
}

/// <summary>How an <see cref="ImageStore"/> keeps its images.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>
    /// Images are shrunk until their short side is at most this many pixels, and never enlarged. About 1.15 times the training size suits
    /// whole-image crops (256 for 224); twice the size keeps small crops as sharp as the files are.
    /// </summary>
    public int Canvas { get; init; } = 256;

    /// <summary>
    /// Bytes of pixels to hold; a 256-pixel canvas of a 4:3 photograph takes 0.26 MB. By default half of the memory that this process may
    /// use.
    /// </summary>
    public long MemoryBudget { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>
    /// A folder for a file with all decoded images, made once and read from at every later start, in the place of
    /// <see cref="MemoryBudget"/>; null for none.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>What is read of each image, and how it is normalised.</summary>
    public PixelRule Pixels { get; init; } = PixelRule.ImageNet;

    /// <summary>What a pixel holds.</summary>
    internal PixelFormat Format => Pixels.Format;

    /// <summary>Pixels of the largest image that is decoded; a larger one counts as unreadable.</summary>
    public long MaxPixels { get; init; } = ImageFile.DefaultMaxPixels;

    /// <summary>
    /// Bytes that all who decode at once may take, files and copies included; an image that needs more by itself counts as unreadable. By
    /// default half of the memory that this process may use.
    /// </summary>
    public long DecodingMemory { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Threads that decode, and that make views.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>
/// Some images of a store: their indices there, which key every random draw about them, and their pixels, in the same order.
/// </summary>
public sealed record ImageBatch(int[] Indices, Image[] Images)
{
    /// <summary>The number of images.</summary>
    public int Count => Indices.Length;

    /// <summary>How their pixels become a network's inputs.</summary>
    public PixelRule Pixels { get; init; } = PixelRule.ImageNet;
}
