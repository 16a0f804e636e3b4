namespace DataSsl.Runtime.Data;

/// <summary>A source with one file an image.</summary>
public sealed class ImageFiles : ImageSource
{
    /// <summary>What <see cref="ImageFile"/> reads, by extension.</summary>
    private static readonly string[] extensions =
        [
            ".jpg", ".jpeg", ".jpe", ".jfif", ".jfi", ".jif", ".pjpeg", ".pjp", ".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".dib",
            ".gif",
        ];

    private readonly string folder;

    /// <param name="root">The source as it was given.</param>
    /// <param name="layout">What it is.</param>
    /// <param name="folder">The folder that names are relative to.</param>
    /// <param name="names">One name an image.</param>
    /// <param name="labels">One class an image, or null.</param>
    /// <param name="classNames">The classes.</param>
    internal ImageFiles(
        string root, string layout, string folder, IReadOnlyList<string> names, int[]? labels = null,
        IReadOnlyList<string>? classNames = null)
        : base(root, layout, names, labels, classNames ?? [])
    {
        this.folder = folder;
        Paths = [.. names.Select(name => Path.Combine(folder, name))];
    }

    /// <summary>Full paths, in order.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Some files that a user names, each for itself.</summary>
    /// <param name="paths">At least one.</param>
    public static ImageFiles Of(IReadOnlyList<string> paths) => new(paths[0], paths.Count == 1 ? "file" : "files", "", paths);

    /// <inheritdoc/>
    public override string PathOf(int index) => Path.GetFullPath(Paths[index]);

    /// <summary>Those extensions, for people.</summary>
    internal static string Kinds { get; } = string.Join(" ", extensions);

    /// <summary>Whether a file's extension is one of an image.</summary>
    internal static bool IsImage(string path) => extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    internal override DecodedImage Decode(int index, ImageReader reader) => reader.Decode(Paths[index]);

    internal override (long Width, long Height)? SizeOf(int index) => ImageFile.SizeOf(Paths[index]);

    internal override int? BitsOf(int index)
    {
        try
        {
            return ImageFile.HeaderOf(Paths[index]).Bits;
        }
        catch (UserException)
        {
            return null;
        }
    }

    private protected override ImageSource Select(int[] indices) => new ImageFiles(
        Root, Layout, folder, Array.ConvertAll(indices, i => Names[i]), Labels is null
            ? null
            : Array.ConvertAll(indices, i => Labels[i]), ClassNames)
    { Notes = Notes };

    internal override string?[] ReadContents()
    {
        var contents = new string?[Count];
        Workers.For(Count, Environment.ProcessorCount, i => contents[i] = ContentHash.OfFile(Paths[i]));
        return contents;
    }
}
