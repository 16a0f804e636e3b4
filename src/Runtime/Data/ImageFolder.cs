namespace DataSsl.Runtime.Data;

/// <summary>
/// The images under a folder, in ordinal order of their relative names (so the same everywhere). Files are chosen by extension (jpg, jpeg, png, webp, tif, tiff, bmp; any
/// case), at any depth; hidden files and folders are left out.
/// </summary>
/// <remarks>
/// Classes are the first-level sub-folders, when every image sits in one and there are at least two of them. Any other layout is unlabelled.
/// Only names are read here: whether the images decode is found out by <see cref="ImageStore"/>.
/// </remarks>
public sealed class ImageFolder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"];
    private readonly string[] names;
    private readonly Lazy<string> fingerprint;

    private ImageFolder(string root, string[] names)
    {
        Root = root;
        this.names = names;
        Paths = Array.ConvertAll(names, name => Path.Combine(root, name));
        (ClassNames, Labels) = Classify(names);
        fingerprint = new(() => Data.Fingerprint.Of(names, Paths));
    }

    /// <summary>The folder as it was given.</summary>
    public string Root { get; }

    /// <summary>The number of images, at least 1.</summary>
    public int Count => names.Length;

    /// <summary>Full paths, in order.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Relative names with '/' between folders, in order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The class of every image as an index into <see cref="ClassNames"/>; null when the folder is unlabelled.</summary>
    public int[]? Labels { get; }

    /// <summary>The class folders in ordinal order; empty when the folder is unlabelled.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// SHA-256 (lower-case hex) over every relative name and the whole content of every file: two folders with the same value hold the same images
    /// under the same names. Read on first use, in parallel: about as long as reading the files once.
    /// </summary>
    /// <exception cref="UserException">A file is gone or unreadable.</exception>
    public string Fingerprint => fingerprint.Value;

    /// <summary>Lists the images under <paramref name="root"/>.</summary>
    /// <exception cref="UserException">The folder is missing or unreadable, or holds no image.</exception>
    public static ImageFolder Open(string root)
    {
        if (File.Exists(root)) throw new UserException($"the image folder '{root}' is a file; give the folder that holds the images");
        if (!Directory.Exists(root)) throw new UserException($"the image folder '{root}' does not exist");
        try
        {
            var names = FolderWalk.Files(root)
                .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
                .Select(path => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))
                .Order(StringComparer.Ordinal)
                .ToArray();
            if (names.Length == 0) throw new UserException($"the image folder '{root}' holds no .jpg, .jpeg, .png, .webp, .tif, .tiff or .bmp file, at any depth");
            return new(root, names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot list the image folder '{root}': {e.Message}", e);
        }
    }

    /// <summary>A uniform draw of at most <paramref name="count"/> of the images, in this folder's order; the same for the same seed.</summary>
    public ImageFolder Sample(int count, long seed)
    {
        if (count >= Count) return this;
        var drawn = (string[])names.Clone();
        var random = CounterRandom.For((ulong)seed, "sample", count);
        random.Shuffle(drawn.AsSpan());
        return new(Root, [.. drawn.Take(count).Order(StringComparer.Ordinal)]);
    }

    private static (string[] ClassNames, int[]? Labels) Classify(string[] names)
    {
        var folders = Array.ConvertAll(names, name => name.IndexOf('/') is > 0 and var slash ? name[..slash] : "");
        var classes = folders.Distinct().Order(StringComparer.Ordinal).ToArray();
        if (classes.Length < 2 || classes[0] == "") return ([], null);
        return (classes, Array.ConvertAll(folders, folder => Array.BinarySearch(classes, folder, StringComparer.Ordinal)));
    }
}
