using System.Buffers;
using DataSsl.Runtime.Storage;
using Microsoft.Win32.SafeHandles;

namespace DataSsl.Runtime.Data;

/// <summary>Reads JPEG, PNG, WebP, TIFF, BMP and GIF files, writes JPEG and PNG.</summary>
public static class ImageFile
{
    /// <summary>
    /// Pixels of the largest picture that is read unless another limit is given: 134 million, which is 402 MB once decoded.
    /// </summary>
    public const long DefaultMaxPixels = 134_000_000;

    private const int UsualLength = 16 << 20;

    // Half of the memory that this process may use.
    private static readonly Lazy<DecodingRoom> room = new(() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2));

    /// <summary>Decodes a picture; its format is told by its content, whatever the file is called.</summary>
    /// <param name="path">A JPEG (grey, RGB or CMYK, baseline or progressive), a PNG or BMP of any kind, a WebP, a GIF or a TIFF (1 to 16
    /// bits a channel); of several pictures the first. Transparency is dropped, as torchvision does; an orientation is followed, wherever
    /// the format has it.</param>
    /// <param name="minShortSide">When positive, a JPEG decodes at 1/2, 1/4 or 1/8 of its size as long as its short side stays at least
    /// this many pixels.</param>
    /// <param name="maxPixels">Pixels of the largest picture that is read; no memory is spent on a larger one.</param>
    /// <param name="format">What a pixel is to hold; null for <see cref="PixelFormat.Rgb"/>.</param>
    /// <exception cref="UserException">The file is missing, unreadable, truncated, corrupt, too large, of another format or of other
    /// bands.</exception>
    public static Image Load(string path, int minShortSide = 0, long maxPixels = DefaultMaxPixels, PixelFormat? format = null)
    {
        using var decoded = Open(path, minShortSide, maxPixels, format ?? PixelFormat.Rgb, room.Value);
        return decoded.ToKeep();
    }

    /// <summary>Columns and rows of a picture as its header says them; an orientation may still turn it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserException">The file is missing, unreadable or of another format.</exception>
    public static (long Width, long Height) SizeOf(string path)
    {
        var header = HeaderOf(path);
        return (header.Width, header.Height);
    }

    /// <summary>What a file's header says.</summary>
    /// <inheritdoc cref="SizeOf"/>
    internal static ImageHeader HeaderOf(string path) => Reading(path, file => ImageHeader.Read(new(file), long.MaxValue));

    /// <summary>Reads something of a file, and names it where that goes wrong.</summary>
    /// <exception cref="UserException">The file is missing, unreadable, or what is wrong with it was found out.</exception>
    internal static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            throw Unreadable(path, e);
        }
    }

    /// <inheritdoc cref="Reading{T}(string, Func{T})"/>
    internal static T Reading<T>(string path, Func<SafeFileHandle, T> read) => Reading(path, () =>
    {
        using var file = RegularFile.Open(path);
        return read(file);
    });

    /// <inheritdoc cref="Load"/>
    /// <param name="path">The file.</param>
    /// <param name="minShortSide">How small a JPEG may decode.</param>
    /// <param name="maxPixels">The largest picture.</param>
    /// <param name="format">What a pixel is to hold.</param>
    /// <param name="room">Memory that is shared with whoever decodes at the same time.</param>
    internal static DecodedImage Open(string path, int minShortSide, long maxPixels, PixelFormat format, DecodingRoom room)
    {
        byte[]? buffer = null;
        var place = default(DecodingRoom.Place);
        try
        {
            using var file = RegularFile.Open(path);
            var length = RandomAccess.GetLength(file);
            // A usual file is read once. Of a large one only as much as its header says, once it is known that it may have that.
            if (length <= UsualLength) buffer = Read(file, (int)length, out length);
            var header = ImageHeader.Read(buffer is null ? new(file) : new(buffer, (int)length), maxPixels);
            if (Math.Max(format.Bytes * header.Pixels, header.End) > Array.MaxLength)
                throw new InvalidDataException($"{header.Width} x {header.Height} pixels of {format}, more than memory holds in one piece");
            place = room.Take(OpenCv.Need(header, minShortSide, format));
            if (buffer is null) buffer = Read(file, (int)header.End, out length);
            if (length < header.End) throw ImageHeader.Truncated(header.Format);
            var decoded = header.Format == ImageFormat.Tiff && format.Bands != 3
                ? new(Bands(buffer, (int)header.End, format))
                : OpenCv.Decode(buffer.AsSpan(0, (int)header.End), header, minShortSide, format);
            return decoded with { Place = place };
        }
        catch (Exception e)
        {
            place.Dispose();
            if (!IsOfTheFile(e)) throw;
            throw Unreadable(path, e);
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes a picture, whole or not at all.</summary>
    /// <param name="path">Ends in <c>.png</c>, <c>.jpg</c> or <c>.jpeg</c>, which chooses the format.</param>
    /// <param name="image">The picture.</param>
    /// <param name="quality">JPEG quality, 1 to 100.</param>
    /// <exception cref="UserException">The extension names no supported format.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Image image, int quality = 92)
    {
        var jpeg = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jpg" or ".jpeg" => true,
            ".png" => false,
            var other => throw new UserException($"cannot write the image '{path}': '{other}' is neither .png nor .jpg"),
        };
        AtomicFile.Write(path, file => file.Write(Encode(image, jpeg, quality)));
    }

    /// <summary>A picture as the bytes of a file: JPEG or PNG.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="jpeg">Whether it is to be a JPEG.</param>
    /// <param name="quality">JPEG quality, 1 to 100.</param>
    public static byte[] Encode(Image image, bool jpeg, int quality = 92)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(image.Pixels.Length, image.Format.Bytes * image.Width * image.Height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return OpenCv.Encode(image, jpeg, quality);
    }

    /// <summary>The first picture of a TIFF whose samples are values and no colours, upright.</summary>
    private static Image Bands(byte[] file, int length, PixelFormat format)
    {
        var page = TiffPage.Of(new(new(file, length)), length, format);
        using var tiff = TiffFile.Open(() => new MemoryStream(file, 0, length, writable: false), page, format, page.Height);
        return Orientation.Upright(
            new(page.Width, page.Height, tiff.Rows(0, page.Height)) { Format = format }, page.Orientation);
    }

    private static bool IsOfTheFile(Exception e) =>
        e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException;

    private static UserException Unreadable(string path, Exception e) => new($"cannot read the image '{path}': {e.Message}", e);

    private static byte[] Read(SafeFileHandle file, int length, out long read)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        read = RegularFile.Read(file, buffer.AsSpan(0, length), 0);
        return buffer;
    }
}
