using System.Buffers.Binary;

namespace DataSsl.Runtime.Data;

/// <summary>The orientation tag of TIFF, which cameras write into the EXIF part of JPEGs and WebPs as well (EXIF 2.3, tag 0x0112): how the stored picture must be turned to stand upright.</summary>
internal static class Orientation
{
    private const int Upright = 1;
    private const ushort Tag = 0x0112;

    /// <summary>The tag's value, 1 to 8; 1 (upright) for files without the tag and for a malformed one, which other readers ignore as well.</summary>
    public static int Of(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8)) return FromTiff(file);
        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) return FromWebP(file[12..]);
        return file.StartsWith<byte>([0xFF, 0xD8]) ? FromJpeg(file) : Upright;
    }

    private static int FromJpeg(ReadOnlySpan<byte> file)
    {
        for (var rest = file[2..]; rest.Length >= 4 && rest[0] == 0xFF;)
        {
            var marker = rest[1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker == 0xDA || length < 2 || length + 2 > rest.Length) break;
            var segment = rest.Slice(4, length - 2);
            if (marker == 0xE1 && segment.StartsWith("Exif\0\0"u8)) return FromTiff(segment[6..]);
            rest = rest[(length + 2)..];
        }
        return Upright;
    }

    /// <summary>The picture turned or mirrored into its upright position.</summary>
    public static Image Apply(Image image, int orientation)
    {
        if (orientation == Upright) return image;
        // Where a step to the right, and a step down, in the upright picture lead in the stored one.
        var (width, height) = (image.Width, image.Height);
        var (start, right, down) = orientation switch
        {
            2 => (width - 1, -1, width),
            3 => (width * height - 1, -1, -width),
            4 => (width * (height - 1), 1, -width),
            5 => (0, width, 1),
            6 => (width * (height - 1), -width, 1),
            7 => (width * height - 1, -width, -1),
            8 => (width - 1, width, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation)),
        };
        var (columns, rows) = orientation >= 5 ? (height, width) : (width, height);
        var upright = GC.AllocateUninitializedArray<byte>(image.Rgb.Length);
        var stored = image.Rgb.Span;
        var target = 0;
        for (var y = 0; y < rows; y++)
        {
            var source = start + y * down;
            for (var x = 0; x < columns; x++, source += right, target += 3)
                stored.Slice(3 * source, 3).CopyTo(upright.AsSpan(target));
        }
        return new(columns, rows, upright);
    }

    private static int FromWebP(ReadOnlySpan<byte> chunks)
    {
        while (chunks.Length >= 8)
        {
            var length = Long(chunks[4..], little: true);
            if (length > chunks.Length - 8) break;
            var content = chunks.Slice(8, (int)length);
            if (chunks.StartsWith("EXIF"u8)) return FromTiff(content.StartsWith("Exif\0\0"u8) ? content[6..] : content);
            chunks = chunks[(int)Math.Min(chunks.Length, 8 + length + length % 2)..];
        }
        return Upright;
    }

    private static int FromTiff(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return Upright;
        var little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8)) return Upright;
        var directory = Long(tiff[4..], little);
        if (directory > tiff.Length - 2) return Upright;
        var entries = tiff[(int)directory..];
        int count = Short(entries, little);
        for (var i = 0; i < count && 2 + 12 * (i + 1) <= entries.Length; i++)
        {
            var entry = entries.Slice(2 + 12 * i, 12);
            if (Short(entry, little) != Tag) continue;
            int value = Short(entry[8..], little);
            return value is >= 1 and <= 8 ? value : Upright;
        }
        return Upright;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Long(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
