using System.Buffers.Binary;

namespace DataSsl.Runtime.Data;

/// <summary>What an image file says of its picture, read before memory or time is spent on it: a few bytes of a crafted header must not cost gigabytes or minutes.</summary>
/// <param name="Format">Its kind.</param>
/// <param name="Width">Columns as stored; an orientation may still turn the picture.</param>
/// <param name="Height">Rows as stored.</param>
internal readonly record struct ImageHeader(ImageFormat Format, int Width, int Height)
{
    // Progressive JPEGs have about ten scans. Each of them passes over the whole picture, however few bytes it has.
    private const int MostScans = 100;

    /// <summary>Reads the header of a file that is whole and within bounds, as far as its header tells.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="maxPixels">The largest picture.</param>
    /// <exception cref="InvalidDataException">It is of no format that is read, damaged, larger than allowed or built to take long.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> file, long maxPixels)
    {
        var format = FormatOf(file);
        var (width, height) = format switch
        {
            ImageFormat.Jpeg => Jpeg(file),
            ImageFormat.Png => Png(file),
            ImageFormat.WebP => WebP(file),
            ImageFormat.Tiff => Tiff(file, maxPixels),
            ImageFormat.Bmp => Bmp(file),
            _ => file.Length >= 10 ? (LittleShort(file[6..]), LittleShort(file[8..])) : throw Truncated(format),
        };
        if (width <= 0 || height <= 0) throw new InvalidDataException($"the {NameOf(format)} file holds no picture");
        Check(width, height, maxPixels);
        return new(format, (int)width, (int)height);
    }

    /// <summary>What people call a format.</summary>
    public static string NameOf(ImageFormat format) => format is ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    private static ImageFormat FormatOf(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return ImageFormat.Jpeg;
        if (file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10])) return ImageFormat.Png;
        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) return ImageFormat.WebP;
        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8)) return ImageFormat.Tiff;
        if (file.StartsWith("BM"u8)) return ImageFormat.Bmp;
        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8)) return ImageFormat.Gif;
        throw new InvalidDataException(file.IsEmpty ? "the file is empty" : "neither a JPEG, PNG, WebP, TIFF, BMP nor GIF");
    }

    private static void Check(long width, long height, long maxPixels)
    {
        if (width > maxPixels || height > maxPixels || width * height > maxPixels)
            throw new InvalidDataException(FormattableString.Invariant($"{width} x {height} pixels, more than the {maxPixels:N0} that are allowed"));
    }

    private static (long Width, long Height) Jpeg(ReadOnlySpan<byte> file)
    {
        var size = (0L, 0L);
        var (scans, channels, isAdobe) = (0, 0, false);
        for (var rest = file[2..]; ;)
        {
            // Between markers lie coded pixels, where 0xFF is followed by 0, or by the mark of a restart.
            var at = rest.IndexOf((byte)0xFF);
            if (at < 0 || at + 2 > rest.Length) break;
            var marker = rest[at + 1];
            if (marker is 0 or 0xFF or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                rest = rest[(at + (marker == 0xFF ? 1 : 2))..];
                continue;
            }
            if (marker == 0xD9 || rest.Length < at + 4) break;
            var length = BigShort(rest[(at + 2)..]);
            var segment = rest[(at + 4)..];
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && segment.Length >= 6) (size, channels) = ((BigShort(segment[3..]), BigShort(segment[1..])), segment[5]);
            isAdobe |= marker == 0xEE && segment.StartsWith("Adobe"u8);
            if (marker == 0xDA && ++scans > MostScans) throw new InvalidDataException($"a JPEG of more than {MostScans} scans, which would take long to decode");
            if (length < 2 || length - 2 > segment.Length) break;
            rest = segment[(length - 2)..];
        }
        if (scans == 0) throw Truncated(ImageFormat.Jpeg);
        // OpenCV takes every CMYK picture for one of Adobe's, which store how little ink there is: another would come out as a negative.
        return channels == 4 && !isAdobe ? throw new InvalidDataException("a CMYK JPEG without Adobe's marker, which is not read") : size;
    }

    private static (long Width, long Height) Png(ReadOnlySpan<byte> file)
    {
        if (file.Length < 24) throw Truncated(ImageFormat.Png);
        var hasPixels = false;
        // OpenCV makes room for a chunk before it looks whether the file has as much.
        for (var chunk = file[8..]; ;)
        {
            if (chunk.Length < 12 || BigLong(chunk) > chunk.Length - 12) throw Truncated(ImageFormat.Png);
            var name = chunk[4..8];
            if (name.SequenceEqual("IEND"u8)) break;
            hasPixels |= name.SequenceEqual("IDAT"u8);
            chunk = chunk[(int)(BigLong(chunk) + 12)..];
        }
        return hasPixels ? (BigLong(file[16..]), BigLong(file[20..])) : throw Truncated(ImageFormat.Png);
    }

    private static (long Width, long Height) WebP(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30) throw Truncated(ImageFormat.WebP);
        var chunk = file[12..];
        var content = chunk[8..];
        if (chunk.StartsWith("VP8X"u8)) return (1 + LittleTriple(content[4..]), 1 + LittleTriple(content[7..]));
        if (chunk.StartsWith("VP8L"u8))
        {
            var bits = LittleLong(content[1..]);
            return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF));
        }
        return chunk.StartsWith("VP8 "u8) ? (LittleShort(content[6..]) & 0x3FFF, LittleShort(content[8..]) & 0x3FFF) : throw new InvalidDataException("the WebP file is damaged");
    }

    private static (long Width, long Height) Bmp(ReadOnlySpan<byte> file)
    {
        if (file.Length < 26) throw Truncated(ImageFormat.Bmp);
        // The oldest header has 16 bits for each; a negative height means rows from the top.
        return LittleLong(file[14..]) == 12 ? (LittleShort(file[18..]), LittleShort(file[20..])) : ((int)LittleLong(file[18..]), Math.Abs((long)(int)LittleLong(file[22..])));
    }

    private static (long Width, long Height) Tiff(ReadOnlySpan<byte> file, long maxPixels)
    {
        var directory = new TiffDirectory(file);
        var (width, height) = (directory.First(TiffTag.Width) ?? 0, directory.First(TiffTag.Height) ?? 0);
        var (columns, rows) = (directory.First(TiffTag.TileWidth) ?? 0, directory.First(TiffTag.TileHeight) ?? 0);
        // A tile is decoded whole, whatever it shows of the picture; writers fill it up to a multiple of 16.
        if (columns > Math.Max(width + 15, 4096) || rows > Math.Max(height + 15, 4096)) throw new InvalidDataException($"a TIFF with tiles of {columns} x {rows} pixels, far larger than the picture");
        Check(columns, rows, maxPixels);
        if (directory.First(TiffTag.BitsPerSample) is > 16 and var bits) throw new InvalidDataException($"a TIFF of {bits} bits a channel; up to 16 are read");
        return (width, height);
    }

    internal static InvalidDataException Truncated(ImageFormat format) => new($"the {NameOf(format)} file is truncated");

    private static int BigShort(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static long BigLong(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static int LittleShort(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static int LittleTriple(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;

    private static uint LittleLong(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
