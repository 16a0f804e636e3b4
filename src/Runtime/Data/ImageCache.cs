using System.Security.Cryptography;
using System.Text;
using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>
/// A source's images as they are after decoding and shrinking, in one file that is mapped into memory: the system keeps what fits, and a later start decodes
/// nothing. Its name is a hash of the images' content and of how they are shrunk, so that changed images mean another file.
/// </summary>
/// <remarks>
/// The pixels in order; then the index: the number of images and, for each, width, height and the pixels' offset, or a width of 0 and why it does not decode;
/// last the index's offset, its SHA-256 and a mark. All little-endian.
/// </remarks>
internal static class ImageCache
{
    private const int Together = 64;

    private static ReadOnlySpan<byte> Mark => "DataSsl images 2"u8;

    private static int TailLength => sizeof(long) + SHA256.HashSizeInBytes + Mark.Length;

    /// <summary>Every image, mapped, or why it does not decode; the file is made first where it is missing or damaged.</summary>
    /// <exception cref="UserException">The file cannot be made.</exception>
    public static (Image?[] Images, string?[] Errors) Load(
        ImageSource source, ImageStoreOptions options, string folder, Action<string>? warn, Action<int>? progress, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, Name(source, options));
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(path))
            {
                try
                {
                    return Open(path, source.Count);
                }
                catch (InvalidDataException e)
                {
                    warn?.Invoke($"making the image cache '{path}' anew: {e.Message}");
                }
            }
            AtomicFile.Write(path, file => Build(file, source, options, progress, cancellation));
            return Open(path, source.Count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UserException($"cannot keep the image cache '{path}': {e.Message}; give another --cache, or none", e);
        }
    }

    private static string Name(ImageSource source, ImageStoreOptions options)
    {
        var key = $"{Encoding.ASCII.GetString(Mark)}\n{source.Fingerprint}\n{options.Canvas}\n{options.MaxPixels}\n";
        return $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)))[..32]}.images";
    }

    private static void Build(Stream file, ImageSource source, ImageStoreOptions options, Action<int>? progress, CancellationToken cancellation)
    {
        using var index = new MemoryStream();
        using var entries = new BinaryWriter(index);
        entries.Write(source.Count);
        var tried = 0;
        foreach (var some in Enumerable.Range(0, source.Count).Chunk(Together))
        {
            var decoded = new (Image? Image, string? Error)[some.Length];
            Workers.For(some.Length, options.Workers, i =>
            {
                decoded[i] = ImageStore.TryDecode(source, some[i], options);
                progress?.Invoke(Interlocked.Increment(ref tried));
            }, cancellation);
            foreach (var (image, error) in decoded)
            {
                entries.Write(image?.Width ?? 0);
                if (image is null)
                {
                    entries.Write(error!);
                    continue;
                }
                entries.Write(image.Height);
                entries.Write(file.Position);
                file.Write(image.Rgb.Span);
            }
        }
        entries.Flush();
        var place = file.Position;
        file.Write(index.ToArray());
        file.Write(BitConverter.GetBytes(place));
        file.Write(SHA256.HashData(index.ToArray()));
        file.Write(Mark);
    }

    private static (Image?[] Images, string?[] Errors) Open(string path, int count)
    {
        if (new FileInfo(path).Length < TailLength) throw new InvalidDataException("it is cut short");
        var file = new MappedFile(path);
        var tail = file.Slice(file.Length - TailLength, TailLength).Span;
        if (!tail.EndsWith(Mark)) throw new InvalidDataException("it is cut short or of another version");
        var place = BitConverter.ToInt64(tail);
        var length = file.Length - TailLength - place;
        if (place < 0 || length is < 0 or > int.MaxValue) throw new InvalidDataException("its index is damaged");
        var index = file.Slice(place, (int)length).ToArray();
        if (!SHA256.HashData(index).AsSpan().SequenceEqual(tail.Slice(sizeof(long), SHA256.HashSizeInBytes))) throw new InvalidDataException("its index is damaged");

        using var entries = new BinaryReader(new MemoryStream(index));
        if (entries.ReadInt32() != count) throw new InvalidDataException("it holds another number of images");
        var (images, errors) = (new Image?[count], new string?[count]);
        for (var i = 0; i < count; i++)
        {
            var width = entries.ReadInt32();
            if (width == 0)
            {
                errors[i] = entries.ReadString();
                continue;
            }
            var height = entries.ReadInt32();
            images[i] = new(width, height, file.Slice(entries.ReadInt64(), 3 * width * height));
        }
        return (images, errors);
    }
}
