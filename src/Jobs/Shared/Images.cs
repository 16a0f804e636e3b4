using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Shared;

/// <summary>How verbs read a user's images.</summary>
internal static class Images
{
    /// <summary>The largest image that is decoded unless another limit is given, in millions of pixels.</summary>
    public const int DefaultMaxMegapixels = (int)(ImageFile.DefaultMaxPixels / 1_000_000);

    /// <summary>The largest image that this process decodes, in millions of pixels.</summary>
    public static int MaxMegapixels { get; private set; } = DefaultMaxMegapixels;

    /// <summary>The same in pixels.</summary>
    public static long MaxPixels => MaxMegapixels * 1_000_000L;

    /// <summary>Sets the largest image, in millions of pixels.</summary>
    public static void Limit(int megapixels) => MaxMegapixels = megapixels;

    /// <summary>A source's pictures, or their tiles; which of those are background is found out here.</summary>
    /// <param name="source">The pictures.</param>
    /// <param name="tiles">How they are cut; null for not at all.</param>
    /// <param name="format">What is read of each.</param>
    /// <param name="memory">Bytes that decoding may take; null for a share of the machine's.</param>
    public static ImageSource Cut(ImageSource source, TileRule? tiles, PixelFormat format, long? memory = null)
    {
        if (tiles is null) return source;
        var options = new ImageStoreOptions { Pixels = PixelRule.Plain(format), MaxPixels = MaxPixels, Workers = get_num_threads() };
        return source.Tiled(tiles, memory is { } most ? options with { DecodingMemory = most / 2 } : options);
    }

    /// <summary>Decodes a source once; what was left out is told, and what cannot be read is named once and skipped.</summary>
    /// <param name="source">The images.</param>
    /// <param name="size">Side of the views in pixels; images are kept at 1.5 times that, so that crops keep their detail.</param>
    /// <param name="pixels">What is read of each image, and how it is normalised.</param>
    /// <param name="cache">Folder for a file of the decoded images; null keeps them in memory.</param>
    /// <param name="memory">Bytes that decoding and what is kept may take; null for a share of the machine's.</param>
    public static ImageStore Load(ImageSource source, int size, PixelRule pixels, string? cache = null, long? memory = null)
    {
        var options = new ImageStoreOptions
        {
            Canvas = size * 3 / 2,
            Cache = cache,
            Pixels = pixels,
            MaxPixels = MaxPixels,
            Workers = get_num_threads(),
        };
        if (memory is { } most) options = options with { DecodingMemory = most / 2, MemoryBudget = most / 2 };
        return Load(source, options);
    }

    /// <summary>
    /// The same with every pixel of each image, as far as memory holds them: what is shown of an image is then what an emitted class shows
    /// of the picture, to the bit.
    /// </summary>
    public static ImageStore Whole(ImageSource source, PixelRule pixels) =>
        Load(source, new() { Canvas = int.MaxValue, Pixels = pixels, MaxPixels = MaxPixels, Workers = get_num_threads() });

    private static ImageStore Load(ImageSource source, ImageStoreOptions options)
    {
        foreach (var note in source.Notes) Notices.Tell($"{note}");
        var store = ImageStore.Load(source, options, warning => Notices.Tell($"{warning}"));
        var skipped = store.UnreadableCount == 0 ? "" : $", {store.UnreadableCount:N0} unreadable skipped";
        Notices.Tell(
            $"{source.Root}: {Wording.Count(store.Count, "image")} ({source.Layout}){(source.Labels is null ? "" : $" of {Wording.Count(source.ClassNames.Count, "class", "classes")}")}{skipped}");
        if (source.Copies() is { Count: > 0 } copies)
        {
            var odd = source.Labels is { } labels ? copies.Count(image => labels[image.Copy] != labels[image.First]) : 0;
            TellOfCopies(source, odd == 0 ? "" : FormattableString.Invariant($"; {odd:N0} of them under another class"));
        }
        return store;
    }

    /// <summary>
    /// The images of a source that was loaded already, fine enough for another size: most of them are decoded as they are asked for.
    /// </summary>
    public static ImageStore Fine(ImageSource source, int size) =>
        ImageStore.Load(
            source, new() { Canvas = size * 3 / 2, MaxPixels = MaxPixels, Workers = get_num_threads(), MemoryBudget = FineBytes });

    /// <summary>Bytes of <see cref="Fine"/> images that are kept.</summary>
    private const long FineBytes = 256 << 20;

    /// <summary>
    /// A fixed draw of a source's images as one batch: [N, C, S, S]. Copies are left out: an image that counts several times would make
    /// what is reckoned from it look surer than it is.
    /// </summary>
    /// <param name="source">The images.</param>
    /// <param name="count">How many different ones, or all where there are fewer.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="seed">Of the draw.</param>
    /// <param name="pixels">What is read of each image, and how it is normalised.</param>
    /// <param name="device">Where the batch is wanted.</param>
    /// <param name="memory">Bytes that this process may take; null for a share of the machine's.</param>
    /// <param name="view">What is shown of each image; null for its centre.</param>
    public static (Tensor Images, int Count) Batch(
        ImageSource source, int count, int size, long seed, PixelRule pixels, Device device, long? memory = null, ViewRecipe? view = null)
    {
        var sample = Sample(source, count, seed);
        var store = Load(sample, size, pixels, memory: memory is { } most ? Left(most, sample.Count, size, pixels.Format.Bands) : null);
        return (Views(store, view ?? ViewRecipe.CenterCrop(size), seed, device), store.Count);
    }

    /// <summary>What is shown of every image of a store, in one batch that the caller disposes.</summary>
    /// <inheritdoc cref="Batch"/>
    public static Tensor Views(ImageStore store, ViewRecipe view, long seed, Device device) => ViewMaker
        .Make(store, Enumerable.Range(0, store.Count).ToArray(), view, (ulong)seed, 0, 0, device).DetachFromDisposeScope();

    /// <summary>A fixed draw of a source's images, copies left out.</summary>
    /// <inheritdoc cref="Batch"/>
    public static ImageSource Sample(ImageSource source, int count, long seed)
    {
        TellOfCopies(source, "; left out, so that each image counts once");
        return source.WithoutCopies().Sample(count, seed);
    }

    /// <summary>
    /// What is left for decoding of the memory that this process may take, once it holds a batch. Where that is next to nothing, the search
    /// says so, and small images still decode.
    /// </summary>
    private static long Left(long memory, int count, int size, int bands)
    {
        const long least = 32 << 20;
        // Blocks that were freed would count as taken.
        ProcessMemory.GiveBackFreed();
        return Math.Max(least, memory - ProcessMemory.NowBytes() - (long)count * bands * sizeof(float) * size * size);
    }

    /// <summary>A path that means the same in other folders; an empty one stays as it is, for whoever refuses it.</summary>
    public static string FullPath(string path) => path.Length == 0 ? path : Path.GetFullPath(path);

    private static void TellOfCopies(ImageSource source, string more)
    {
        if (source.Copies() is [var (copy, first), ..] copies)
            Notices.Tell(
                $"{source.Root}: {Copies(copies.Count)} of others in it, the first: '{source.Names[copy]}' of '{source.Names[first]}'{more}");
    }

    /// <summary><c>1 is a copy</c>, <c>12 are copies</c>.</summary>
    public static string Copies(int count) => FormattableString.Invariant($"{count:N0} {(count == 1 ? "is a copy" : "are copies")}");
}
