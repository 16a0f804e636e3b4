using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Cli;

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

    /// <summary>Decodes a source once; what cannot be read is named once and skipped.</summary>
    /// <param name="source">The images.</param>
    /// <param name="size">Side of the views in pixels; images are kept at 1.5 times that, so that crops keep their detail.</param>
    /// <param name="cache">Folder for a file of the decoded images; null keeps them in memory.</param>
    public static ImageStore Load(ImageSource source, int size, string? cache = null)
    {
        var store = ImageStore.Load(source, new() { Canvas = size * 3 / 2, Cache = cache, MaxPixels = MaxPixels, Workers = get_num_threads() }, warning => Output.Progress($"{warning}"));
        var skipped = store.UnreadableCount == 0 ? "" : $", {store.UnreadableCount:N0} unreadable skipped";
        Output.Progress($"{source.Root}: {store.Count:N0} images ({source.Layout}){(source.Labels is null ? "" : $" of {source.ClassNames.Count} classes")}{skipped}");
        return store;
    }

    /// <summary>A fixed draw of a source's images as one batch, resized and centre-cropped: [N, 3, S, S].</summary>
    public static (Tensor Images, int Count) Batch(ImageSource source, int count, int size, long seed, Device device)
    {
        var store = Load(source.Sample(count, seed), size);
        var batch = ViewMaker.Make(store, Enumerable.Range(0, store.Count).ToArray(), ViewRecipe.CenterCrop(size), 0, 0, 0, device);
        return (batch.DetachFromDisposeScope(), store.Count);
    }
}
