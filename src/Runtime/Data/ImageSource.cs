namespace DataSsl.Runtime.Data;

/// <summary>Images in a fixed order, perhaps with one class each. Only names are read at first: <see cref="ImageStore"/> finds out whether they decode.</summary>
public abstract class ImageSource
{
    private readonly Lazy<string> fingerprint;

    private protected ImageSource(string root, string layout, IReadOnlyList<string> names, int[]? labels, IReadOnlyList<string> classNames)
    {
        (Root, Layout, Names, Labels, ClassNames) = (root, layout, names, labels, classNames);
        fingerprint = new(ReadFingerprint);
    }

    /// <summary>The folder or file as it was given.</summary>
    public string Root { get; }

    /// <summary>What was found there, such as "folder" or "Pascal VOC, trainval".</summary>
    public string Layout { get; }

    /// <summary>The number of images, at least 1.</summary>
    public int Count => Names.Count;

    /// <summary>The images' names within the source, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The class of every image as an index into <see cref="ClassNames"/>; null when there are no classes.</summary>
    public int[]? Labels { get; }

    /// <summary>The classes' names; empty when there are none.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// SHA-256 (lower-case hex) over every name and the whole content of every image: two sources with the same value hold the same images under the
    /// same names. Read on first use, in parallel: about as long as reading the files once.
    /// </summary>
    /// <exception cref="UserException">A file is gone or unreadable.</exception>
    public string Fingerprint => fingerprint.Value;

    /// <summary>
    /// Whatever <paramref name="path"/> holds: CIFAR's binary files, Pascal VOC, COCO or a folder of images; or a list file, one of CIFAR's files, a set of
    /// VOC's or an annotation file of COCO's.
    /// </summary>
    /// <exception cref="UserException">There is nothing, nothing that holds images, or something damaged.</exception>
    public static ImageSource Open(string path)
    {
        try
        {
            if (CifarBinary.Is(path)) return CifarBinary.Open(path);
            if (PascalVoc.Is(path)) return PascalVoc.Open(path);
            if (Coco.Is(path)) return Coco.Open(path);
            return ImageList.Is(path) ? ImageList.Open(path) : ImageFolder.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the images of '{path}': {e.Message}", e);
        }
    }

    /// <summary>A uniform draw of at most <paramref name="count"/> of the images, in this source's order; the same for the same seed.</summary>
    public ImageSource Sample(int count, long seed)
    {
        if (count >= Count) return this;
        return Select([.. CounterRandom.For((ulong)seed, "sample", count).Permutation(Count).Take(count).Order()]);
    }

    /// <summary>Decodes one image.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="options">The canvas, which a JPEG may be decoded smaller for, and the limit.</param>
    /// <exception cref="UserException">It is missing, unreadable, damaged or too large.</exception>
    internal abstract DecodedImage Decode(int index, ImageStoreOptions options);

    private protected abstract ImageSource Select(int[] indices);

    private protected abstract string ReadFingerprint();
}
