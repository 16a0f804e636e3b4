namespace DataSsl.Runtime.Data;

/// <summary>
/// The images of a folder, decoded once, shrunk to a canvas and kept in memory as 8-bit values. Images beyond the memory budget are decoded
/// again whenever they are fetched, on parallel workers; their pixels are the same.
/// </summary>
/// <remarks>Indices count the readable images in the folder's order, whatever the number of workers.</remarks>
public sealed class ImageStore
{
    private readonly Image?[] resident;
    private readonly int canvas;
    private readonly int workers;

    private ImageStore(ImageFolder folder, int[] readable, Image?[] resident, ImageStoreOptions options)
    {
        Folder = folder;
        this.resident = resident;
        (canvas, workers) = (options.Canvas, options.Workers);
        Paths = Array.ConvertAll(readable, i => folder.Paths[i]);
        Labels = folder.Labels is { } labels ? Array.ConvertAll(readable, i => labels[i]) : null;
        UnreadableCount = folder.Count - readable.Length;
    }

    /// <summary>Where the images came from.</summary>
    public ImageFolder Folder { get; }

    /// <summary>Threads that decode, and make views from what they decode.</summary>
    public int Workers => workers;

    /// <summary>The number of readable images, at least 1.</summary>
    public int Count => resident.Length;

    /// <summary>How many files of the folder could not be decoded and are left out.</summary>
    public int UnreadableCount { get; }

    /// <summary>How many images are held in memory; the others are decoded at each fetch.</summary>
    public int ResidentCount => resident.Count(image => image is not null);

    /// <summary>The files of the readable images.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The class of every readable image; null when the folder is unlabelled.</summary>
    public int[]? Labels { get; }

    /// <summary>Decodes every image of the folder once, in parallel.</summary>
    /// <param name="folder">The images.</param>
    /// <param name="options">Canvas, memory budget, workers.</param>
    /// <param name="warn">Told once about each file that cannot be decoded, in order, after all were tried.</param>
    /// <param name="progress">Told the number of files tried so far; called from the workers.</param>
    /// <param name="cancellation">Ends the loading early.</param>
    /// <exception cref="UserException">No image of the folder can be decoded.</exception>
    public static ImageStore Load(
        ImageFolder folder, ImageStoreOptions options, Action<string>? warn = null, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        var canvases = new Image?[folder.Count];
        var errors = new string?[folder.Count];
        long used = 0;
        var tried = 0;
        Data.Workers.For(folder.Count, options.Workers, i =>
        {
            try
            {
                var image = Decode(folder.Paths[i], options.Canvas);
                if (Interlocked.Add(ref used, image.Rgb.Length) <= options.MemoryBudget) canvases[i] = image;
                else Interlocked.Add(ref used, -image.Rgb.Length);
            }
            catch (UserException e)
            {
                errors[i] = e.Message;
            }
            progress?.Invoke(Interlocked.Increment(ref tried));
        }, cancellation);

        foreach (var error in errors)
            if (error is not null) warn?.Invoke(error);
        var readable = Enumerable.Range(0, folder.Count).Where(i => errors[i] is null).ToArray();
        if (readable.Length == 0)
            throw new UserException($"none of the {folder.Count} images under '{folder.Root}' can be decoded; the first: {errors[0]}");
        return new(folder, readable, Array.ConvertAll(readable, i => canvases[i]), options);
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
            Data.Workers.For(batch.Length, workers, i => images[i] ??= Decode(Paths[batch[i]], canvas));
        return new(batch, images);
    }

    /// <summary>One image; where it is not in memory, it is decoded and may lie in <paramref name="pixels"/>, until the next one does.</summary>
    internal Image Get(int index, PixelBuffer pixels) => resident[index] ?? Shrinker.Shrink(ImageFile.Load(Paths[index], canvas, pixels), canvas);

    private static Image Decode(string path, int canvas) => Shrinker.Shrink(ImageFile.Load(path, canvas), canvas);
}
