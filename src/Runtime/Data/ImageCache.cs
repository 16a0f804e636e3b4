using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Runtime.Storage;
using Microsoft.Win32.SafeHandles;

namespace DataSsl.Runtime.Data;

/// <summary>
/// A source's images as they are after decoding and shrinking, in one file: the system keeps what fits of it in memory, and a later start
/// decodes nothing. Its name is a hash of the images' content and of how they are shrunk, so that changed images mean another file.
/// </summary>
/// <remarks>
/// The pixels in order; then the index: the number of images and, for each, width, height and the pixels' offset, or a width of 0 and why
/// it does not decode; last the index's offset, its SHA-256 and a mark. All little-endian. The file is read and not mapped: one that is cut
/// short meanwhile must not end the process.
/// </remarks>
internal sealed class ImageCache
{
    private const int Together = 64;

    // Above what any image needs to be decoded: on machines that have so much the same ones are left out.
    private const long MostNeedPerPixel = 40;

    private static ReadOnlySpan<byte> Mark => "DataSsl images 2"u8;

    private readonly string path;
    private readonly SafeFileHandle file;
    private readonly (int Width, int Height, long Offset)[] entries;

    private readonly PixelFormat format;

    private ImageCache(
        string path, SafeFileHandle file, (int Width, int Height, long Offset)[] entries, string?[] errors, PixelFormat format) =>
        (this.path, this.file, this.entries, Errors, this.format) = (path, file, entries, errors, format);

    /// <summary>For each image why it does not decode, or null.</summary>
    public string?[] Errors { get; }

    private static int TailLength => sizeof(long) + SHA256.HashSizeInBytes + Mark.Length;

    /// <summary>The cache of a source's images; the file is made first where it is missing or damaged.</summary>
    /// <exception cref="UserException">The file cannot be made.</exception>
    /// <exception cref="IOException">There is no room for it.</exception>
    public static ImageCache Load(
        ImageSource source, ImageReader reader, ImageStoreOptions options, string folder, Action<string>? warn, Action<int>? progress,
        CancellationToken cancellation)
    {
        var path = Path.Combine(folder, Name(source, options));
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(path))
            {
                try
                {
                    return Open(path, source.Count, options.Format);
                }
                catch (InvalidDataException e)
                {
                    warn?.Invoke($"making the image cache '{path}' anew: {e.Message}");
                }
            }
            AtomicFile.Write(path, file => Build(file, source, reader, options, progress, cancellation));
            return Open(path, source.Count, options.Format);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException && !WriteFailure.IsForRoom(e))
        {
            throw new UserException($"cannot keep the image cache '{path}': {e.Message}; give another --cache, or none", e);
        }
    }

    /// <summary>One image, in memory that is given back with it.</summary>
    /// <exception cref="UserException">The file was changed since it was opened.</exception>
    public DecodedImage Open(int index)
    {
        var (width, height, offset) = entries[index];
        var length = format.Bytes * width * height;
        var pixels = new RentedPixels(length);
        try
        {
            if (RegularFile.Read(file, pixels.Memory.Span, offset) == length)
                return new(new(width, height, pixels.Memory) { Format = format }, pixels);
        }
        catch (IOException e)
        {
            throw new UserException($"cannot read the image cache '{path}': {e.Message}", e);
        }
        throw new UserException($"the image cache '{path}' was cut short while it was in use; start again, and it is made anew");
    }

    private static string Name(ImageSource source, ImageStoreOptions options)
    {
        var key =
            $"{Encoding.ASCII.GetString(Mark)}\n{source.Fingerprint}\n{options.Canvas}\n{options.MaxPixels}\n{Math.Min(options.DecodingMemory, MostNeedPerPixel * options.MaxPixels) >> 30}\n{(options.Format == PixelFormat.Rgb ? "" : $"{options.Format}\n")}";
        return $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)))[..32]}.images";
    }

    private static void Build(
        Stream file, ImageSource source, ImageReader reader, ImageStoreOptions options, Action<int>? progress,
        CancellationToken cancellation)
    {
        using var index = new MemoryStream();
        using var entries = new BinaryWriter(index);
        entries.Write(source.Count);
        var tried = 0;
        foreach (var some in Enumerable.Range(0, source.Count).Chunk(Together))
        {
            var decoded = new (Image? Image, string? Error)[some.Length];
            source.InRuns(some[0], some.Length, options.Workers, i =>
            {
                decoded[i - some[0]] = reader.TryRead(source, i);
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
                file.Write(image.Pixels.Span);
            }
        }
        entries.Flush();
        var place = file.Position;
        file.Write(index.ToArray());
        file.Write(BitConverter.GetBytes(place));
        file.Write(SHA256.HashData(index.ToArray()));
        file.Write(Mark);
    }

    private static ImageCache Open(string path, int count, PixelFormat format)
    {
        var file = RegularFile.Open(path);
        try
        {
            var (entries, errors) = Index(file, count, format);
            return new(path, file, entries, errors, format);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static ((int Width, int Height, long Offset)[] Entries, string?[] Errors) Index(
        SafeFileHandle file, int count, PixelFormat format)
    {
        var end = RandomAccess.GetLength(file) - TailLength;
        if (end < 0) throw new InvalidDataException("it is cut short");
        var tail = Bytes(file, end, TailLength);
        if (!tail.AsSpan().EndsWith(Mark)) throw new InvalidDataException("it is cut short or of another version");
        var place = BitConverter.ToInt64(tail);
        if (place < 0 || end - place is < 0 or > int.MaxValue) throw new InvalidDataException("its index is damaged");
        var index = Bytes(file, place, (int)(end - place));
        if (!SHA256.HashData(index).AsSpan().SequenceEqual(tail.AsSpan(sizeof(long), SHA256.HashSizeInBytes)))
            throw new InvalidDataException("its index is damaged");

        using var reader = new BinaryReader(new MemoryStream(index));
        if (reader.ReadInt32() != count) throw new InvalidDataException("it holds another number of images");
        var (entries, errors) = (new (int, int, long)[count], new string?[count]);
        for (var i = 0; i < count; i++)
        {
            var width = reader.ReadInt32();
            if (width == 0)
            {
                errors[i] = reader.ReadString();
                continue;
            }
            var (height, offset) = (reader.ReadInt32(), reader.ReadInt64());
            if (width < 0 || height <= 0 || offset < 0 || offset + (double)format.Bytes * width * height > place)
                throw new InvalidDataException("its index is damaged");
            entries[i] = (width, height, offset);
        }
        return (entries, errors);
    }

    private static byte[] Bytes(SafeFileHandle file, long place, int length)
    {
        var bytes = new byte[length];
        return RegularFile.Read(file, bytes, place) == length ? bytes : throw new InvalidDataException("it is cut short");
    }

    /// <summary>Memory of the pool, until it is disposed.</summary>
    private sealed class RentedPixels(int length) : IDisposable
    {
        private readonly byte[] bytes = ArrayPool<byte>.Shared.Rent(length);

        public Memory<byte> Memory => bytes.AsMemory(0, length);

        public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);
    }
}
