namespace DataSsl.Runtime.Data;

/// <summary>
/// What an image file says of its picture, read before memory or time is spent on it: a few bytes of a crafted header must not cost
/// gigabytes or minutes.
/// </summary>
/// <param name="Format">Its kind.</param>
/// <param name="Width">Columns as stored; an orientation may still turn the picture.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="End">Bytes of the file that belong to the picture, or may; what lies behind is not read.</param>
/// <param name="Working">Bytes that decoding takes beside the file and the picture: coefficients, tiles, canvases of animations.</param>
/// <param name="Alpha">Where a TIFF says how its transparency is stored; null for nowhere.</param>
/// <param name="Bits">Of each channel.</param>
internal readonly record struct ImageHeader(
    ImageFormat Format, long Width, long Height, long End, double Working, long? Alpha = null, int Bits = 8)
{
    // What notes, thumbnails and the other pictures of an animation may take, and a pixel of the deepest kind that is read, stored badly.
    private const long MostNotes = 64 << 20, MostBytesPerPixel = 16;

    /// <summary>Pixels as stored.</summary>
    public long Pixels => Width * Height;

    /// <summary>Reads the header of a file that is whole and within bounds, as far as its header tells.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxPixels">The largest picture.</param>
    /// <exception cref="InvalidDataException">It is of no format that is read, damaged, larger than allowed or built to take
    /// long.</exception>
    public static ImageHeader Read(ImageBytes file, long maxPixels)
    {
        var format = FormatOf(file);
        try
        {
            var header = format switch
            {
                ImageFormat.Jpeg => JpegHeader.Read(file, maxPixels),
                ImageFormat.Png => PngHeader.Read(file),
                ImageFormat.WebP => WebPHeader.Read(file, maxPixels),
                ImageFormat.Tiff => TiffHeader.Read(file, maxPixels),
                ImageFormat.Bmp => BmpHeader.Read(file),
                _ => GifHeader.Read(file),
            };
            if (header.Width <= 0 || header.Height <= 0) throw new InvalidDataException($"the {NameOf(format)} file holds no picture");
            Check(header.Width, header.Height, maxPixels);
            if (header.End > MostNotes + MostBytesPerPixel * (double)header.Width * header.Height)
                throw new InvalidDataException(
                    FormattableString.Invariant(
                        $"{header.End >> 20:N0} MiB, far more than a {NameOf(format)} file of {header.Width} x {header.Height} pixels takes"));
            return header;
        }
        catch (EndOfStreamException)
        {
            throw Truncated(format);
        }
    }

    /// <summary>What people call a format.</summary>
    public static string NameOf(ImageFormat format) => format is ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>Refuses more pixels than are allowed.</summary>
    public static void Check(long width, long height, long maxPixels)
    {
        if (width > maxPixels || height > maxPixels || (double)width * height > maxPixels)
            throw new InvalidDataException(
                FormattableString.Invariant($"{width} x {height} pixels, more than the {maxPixels:N0} that are allowed"));
    }

    /// <summary>A file has other bands than are wanted.</summary>
    internal static InvalidDataException Bands(string kind, int found, int wanted) => new(
        $"a {kind} file of {Count(found)}, where the network takes images of {Count(wanted)}; give images of {Count(wanted)}, or use a space with 'input: {{ channels: {found} }}'");

    private static string Count(int bands) => $"{bands} band{(bands == 1 ? "" : "s")}";

    internal static InvalidDataException Truncated(ImageFormat format) => new($"the {NameOf(format)} file is truncated");

    internal static InvalidDataException Damaged(ImageFormat format) => new($"the {NameOf(format)} file is damaged");

    private static ImageFormat FormatOf(ImageBytes file)
    {
        if (file.Has(0, [0xFF, 0xD8, 0xFF])) return ImageFormat.Jpeg;
        if (file.Has(0, [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10])) return ImageFormat.Png;
        if (file.Has(0, "RIFF"u8) && file.Has(8, "WEBP"u8)) return ImageFormat.WebP;
        if (file.Has(0, "II*\0"u8) || file.Has(0, "MM\0*"u8) || TiffDirectory.IsBig(file)) return ImageFormat.Tiff;
        if (file.Has(0, "BM"u8)) return ImageFormat.Bmp;
        if (file.Has(0, "GIF87a"u8) || file.Has(0, "GIF89a"u8)) return ImageFormat.Gif;
        throw new InvalidDataException(file.Length == 0 ? "the file is empty" : "neither a JPEG, PNG, WebP, TIFF, BMP nor GIF");
    }
}
