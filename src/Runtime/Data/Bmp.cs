using System.Buffers.Binary;
using System.Numerics;

namespace DataSsl.Runtime.Data;

/// <summary>Decodes Windows bitmaps: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits, from the top or from the bottom; no run-length coding.</summary>
internal static class Bmp
{
    private const long LargestPixels = 1 << 27;

    public static bool Is(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    /// <exception cref="InvalidDataException">The bytes are no complete bitmap of a kind that is read here.</exception>
    public static Image Decode(ReadOnlySpan<byte> file, PixelBuffer? buffer)
    {
        if (file.Length < 26) throw Truncated();
        var start = UInt(file, 10);
        var header = UInt(file, 14);
        if (header < 40 && header != 12) throw new InvalidDataException($"a BMP with an unknown header of {header} bytes");
        if (file.Length < 14 + (long)header) throw Truncated();
        var old = header == 12;
        int width = old ? Short(file, 18) : (int)UInt(file, 18);
        int height = old ? Short(file, 20) : (int)UInt(file, 22);
        int bits = Short(file, old ? 24 : 28);
        var compression = old ? 0 : UInt(file, 30);
        if (width <= 0 || height is 0 or int.MinValue) throw new InvalidDataException("the BMP file holds no picture");
        var lines = Math.Abs(height);
        if ((long)width * lines > LargestPixels) throw new InvalidDataException("more than 134 megapixels");
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32)) throw new InvalidDataException($"a BMP of {bits} bits a pixel");
        if (compression is not (0 or 3 or 6) || (compression != 0 && bits is not (16 or 32)))
            throw new InvalidDataException(compression is 1 or 2 ? "a BMP with run-length coding, which is not read" : "a BMP with an unknown compression");

        var stride = ((long)width * bits + 31) / 32 * 4;
        if (start > file.Length || file.Length - start < stride * lines) throw Truncated();
        var palette = bits <= 8 ? Palette(file, (int)header, old ? 3 : 4, 1 << bits, start) : default;
        var masks = bits is 16 or 32 ? Masks(file, bits, compression) : [];
        var pixels = buffer?.Take(3 * width * lines) ?? GC.AllocateUninitializedArray<byte>(3 * width * lines);
        for (var y = 0; y < lines; y++)
        {
            var row = file.Slice((int)(start + stride * (height > 0 ? lines - 1 - y : y)), (int)stride);
            var target = pixels.Span.Slice(3 * width * y, 3 * width);
            if (bits <= 8) FromPalette(row, bits, palette, target);
            else if (bits == 24) FromBytes(row, target);
            else FromMasks(row, bits / 8, masks, target);
        }
        return new(width, lines, pixels);
    }

    /// <summary>Blue, green, red and perhaps a reserved byte for each colour.</summary>
    private static ReadOnlySpan<byte> Palette(ReadOnlySpan<byte> file, int header, int entry, int most, uint start)
    {
        var count = header >= 36 && UInt(file, 46) is > 0 and var used ? Math.Min(used, (uint)most) : (uint)most;
        var place = 14 + header;
        // Some writers leave colours out that no pixel uses.
        var length = Math.Min(count * entry, Math.Max(0, (long)start - place));
        var colours = new byte[3 * most];
        for (var i = 0; (i + 1) * entry <= length; i++)
            for (var channel = 0; channel < 3; channel++)
                colours[3 * i + channel] = file[place + entry * i + 2 - channel];
        return colours;
    }

    /// <summary>Where red, green and blue lie in a pixel.</summary>
    private static uint[] Masks(ReadOnlySpan<byte> file, int bits, uint compression)
    {
        if (compression == 0) return bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF];
        if (file.Length < 66) throw Truncated();
        return [UInt(file, 54), UInt(file, 58), UInt(file, 62)];
    }

    private static void FromPalette(ReadOnlySpan<byte> row, int bits, ReadOnlySpan<byte> palette, Span<byte> target)
    {
        for (var x = 0; 3 * x < target.Length; x++)
        {
            var place = x * bits;
            var index = row[place / 8] >> (8 - bits - place % 8) & ((1 << bits) - 1);
            palette.Slice(3 * index, 3).CopyTo(target[(3 * x)..]);
        }
    }

    private static void FromBytes(ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (var i = 0; i < target.Length; i += 3) (target[i], target[i + 1], target[i + 2]) = (row[i + 2], row[i + 1], row[i]);
    }

    private static void FromMasks(ReadOnlySpan<byte> row, int bytes, uint[] masks, Span<byte> target)
    {
        for (var x = 0; 3 * x < target.Length; x++)
        {
            var pixel = bytes == 2 ? Short(row, 2 * x) : UInt(row, 4 * x);
            for (var channel = 0; channel < 3; channel++)
            {
                var mask = masks[channel];
                var shift = BitOperations.TrailingZeroCount(mask) & 31;
                var largest = mask >> shift;
                target[3 * x + channel] = largest == 0 ? (byte)0 : (byte)((ulong)((pixel & mask) >> shift) * 255 / largest);
            }
        }
    }

    private static InvalidDataException Truncated() => new("the BMP file is truncated");

    private static ushort Short(ReadOnlySpan<byte> bytes, int place) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[place..]);

    private static uint UInt(ReadOnlySpan<byte> bytes, int place) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[place..]);
}
