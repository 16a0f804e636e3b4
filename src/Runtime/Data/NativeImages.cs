using System.Runtime.InteropServices;
using System.Text;

namespace DataSsl.Runtime.Data;

/// <summary>The functions of <c>libdatassl_images</c> (libjpeg-turbo, libpng, libtiff and libwebp). Each returns 0 when done, else leaves one line of text.</summary>
internal static unsafe partial class NativeImages
{
    private const string Library = "datassl_images";
    private const int MessageCapacity = 256;

    /// <summary>Decodes bytes whose format is told by their content.</summary>
    /// <param name="bytes">A whole JPEG, PNG, WebP or TIFF file.</param>
    /// <param name="minShortSide">JPEGs decode at 1/2, 1/4 or 1/8 scale while the short side stays at least this long; 0 for full size.</param>
    /// <param name="buffer">Where the pixels go; null for memory of their own.</param>
    /// <exception cref="InvalidDataException">The bytes are no complete picture; the message is the library's.</exception>
    public static Image Decode(ReadOnlySpan<byte> bytes, int minShortSide, PixelBuffer? buffer = null)
    {
        var error = stackalloc byte[MessageCapacity];
        fixed (byte* data = bytes)
        {
            Check(datassl_image_size(data, (nuint)bytes.Length, minShortSide, out var width, out var height, error, MessageCapacity), error);
            var length = checked(3 * width * height);
            var rgb = buffer is null ? GC.AllocateUninitializedArray<byte>(length) : buffer.Take(length);
            fixed (byte* pixels = rgb.Span)
                Check(datassl_image_decode(data, (nuint)bytes.Length, minShortSide, width, height, pixels, error, MessageCapacity), error);
            return new(width, height, rgb);
        }
    }

    /// <summary>Encodes as PNG, or as JPEG of a quality in 1..100.</summary>
    public static byte[] Encode(Image image, bool jpeg, int quality)
    {
        var error = stackalloc byte[MessageCapacity];
        byte* data;
        nuint length;
        fixed (byte* pixels = image.Rgb.Span)
            Check(datassl_image_encode(pixels, image.Width, image.Height, jpeg ? 'j' : 'p', quality, &data, &length, error, MessageCapacity), error);
        try
        {
            return new ReadOnlySpan<byte>(data, checked((int)length)).ToArray();
        }
        finally
        {
            datassl_image_free(data);
        }
    }

    private static void Check(int failed, byte* error)
    {
        if (failed != 0) throw new InvalidDataException(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error)));
    }

    [LibraryImport(Library)]
    private static partial int datassl_image_size(byte* data, nuint length, int minShortSide, out int width, out int height, byte* error, int capacity);

    [LibraryImport(Library)]
    private static partial int datassl_image_decode(byte* data, nuint length, int minShortSide, int width, int height, byte* rgb, byte* error, int capacity);

    [LibraryImport(Library)]
    private static partial int datassl_image_encode(
        byte* rgb, int width, int height, int format, int quality, byte** data, nuint* length, byte* error, int capacity);

    [LibraryImport(Library)]
    private static partial void datassl_image_free(byte* data);
}
