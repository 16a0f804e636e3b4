using System.Buffers;

namespace DataSsl.Runtime.Data;

/// <summary>Reads JPEG, PNG, WebP, TIFF and BMP files, writes JPEG and PNG.</summary>
public static class ImageFile
{
    /// <summary>Decodes a picture; its format is told by its content, whatever the file is called.</summary>
    /// <param name="path">A JPEG (grey, RGB or CMYK, baseline or progressive), a PNG of any kind, a still WebP, the first page of a TIFF (1 to 16 bits)
    /// or a BMP without run-length coding. 16 bits keep their high byte; transparency is dropped, as torchvision does; an EXIF or TIFF orientation is followed.</param>
    /// <param name="minShortSide">When positive, a JPEG decodes at 1/2, 1/4 or 1/8 of its size as long as its short side stays at least this many pixels.</param>
    /// <exception cref="UserException">The file is missing, unreadable, truncated, corrupt or of another format.</exception>
    public static Image Load(string path, int minShortSide = 0) => Load(path, minShortSide, pixels: null);

    /// <inheritdoc cref="Load(string, int)"/>
    /// <param name="path">As above.</param>
    /// <param name="minShortSide">As above.</param>
    /// <param name="pixels">Where the picture may lie, until the next one is loaded there; null for memory of its own.</param>
    internal static Image Load(string path, int minShortSide, PixelBuffer? pixels)
    {
        byte[]? buffer = null;
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > Array.MaxLength) throw new InvalidDataException("the file is larger than 2 GB");
            buffer = ArrayPool<byte>.Shared.Rent((int)length);
            var bytes = buffer.AsSpan(0, ReadAll(file, buffer.AsSpan(0, (int)length)));
            return Decode(bytes, minShortSide, pixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UserException($"cannot read the image '{path}': {e.Message}", e);
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Decodes the content of a file.</summary>
    /// <exception cref="InvalidDataException">The bytes are no complete picture of a format that is read here.</exception>
    internal static Image Decode(ReadOnlySpan<byte> bytes, int minShortSide = 0, PixelBuffer? pixels = null)
    {
        var image = Bmp.Is(bytes) ? Bmp.Decode(bytes, pixels) : NativeImages.Decode(bytes, minShortSide, pixels);
        return Orientation.Apply(image, Orientation.Of(bytes));
    }

    /// <summary>Writes a picture beside its destination and renames it there, so that a reader never sees half a file.</summary>
    /// <param name="path">Ends in <c>.png</c>, <c>.jpg</c> or <c>.jpeg</c>, which chooses the format.</param>
    /// <param name="image">The picture.</param>
    /// <param name="quality">JPEG quality, 1 to 100.</param>
    /// <exception cref="UserException">The extension names no supported format, or the file cannot be written.</exception>
    public static void Save(string path, Image image, int quality = 92)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(image.Rgb.Length, 3 * image.Width * image.Height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        var jpeg = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jpg" or ".jpeg" => true,
            ".png" => false,
            var other => throw new UserException($"cannot write the image '{path}': '{other}' is neither .png nor .jpg"),
        };
        var beside = path + ".partial";
        try
        {
            File.WriteAllBytes(beside, NativeImages.Encode(image, jpeg, quality));
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot write the image '{path}': {e.Message}", e);
        }
    }

    private static int ReadAll(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(file, buffer[read..], read) is > 0 and var count) read += count;
        return read;
    }
}
