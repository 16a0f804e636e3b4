namespace DataSsl.Runtime.Data;

/// <summary>Decodes images and shrinks them to a canvas, within the memory that all who decode at once have together.</summary>
/// <param name="options">The canvas and the limits.</param>
internal sealed class ImageReader(ImageStoreOptions options)
{
    private readonly DecodingRoom room = new(options.DecodingMemory);
    private SharedRows? rows;

    /// <summary>What a pixel holds.</summary>
    public PixelFormat Format => options.Format;

    /// <summary>Rows of large pictures, which its tiles share.</summary>
    public SharedRows Rows => LazyInitializer.EnsureInitialized(ref rows, () => new(options, room));

    /// <summary>Lets go of such rows, once many images were read.</summary>
    public void Forget() => rows?.Forget();

    /// <summary>One image of a source, in memory that is given back with it.</summary>
    /// <exception cref="UserException">It is missing, unreadable, damaged or too large.</exception>
    public DecodedImage Open(ImageSource source, int index)
    {
        var decoded = source.Decode(index, this);
        var shrunk = Shrinker.Shrink(decoded.Image, options.Canvas);
        if (shrunk == decoded.Image) return decoded;
        decoded.Dispose();
        return new(shrunk);
    }

    /// <summary>One image as it is kept.</summary>
    /// <inheritdoc cref="Open"/>
    public Image Read(ImageSource source, int index)
    {
        using var decoded = Open(source, index);
        return decoded.ToKeep();
    }

    /// <summary>An image as it is kept, or why there is none.</summary>
    public (Image? Image, string? Error) TryRead(ImageSource source, int index)
    {
        try
        {
            return (Read(source, index), null);
        }
        catch (UserException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>A file's picture; a JPEG perhaps smaller than stored, though not below the canvas.</summary>
    /// <inheritdoc cref="Open"/>
    public DecodedImage Decode(string path) => ImageFile.Open(path, options.Canvas, options.MaxPixels, options.Format, room);
}
