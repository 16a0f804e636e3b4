using System.Buffers.Binary;
using System.IO.Compression;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Dense.Data;

/// <summary>
/// Reads the numbers of a PNG's pixels as they are stored: grey values, or places in a palette whatever colours stand there. Decoders of
/// pictures give colours, and stretch grey values of few bits to 255; two palettes may show the same numbers in other colours, and one
/// colour may stand twice.
/// </summary>
public static class IndexPng
{
    private const long MostBytes = 1 << 28;
    private const int Grey = 0, Palette = 3, Frame = 12;
    private static readonly byte[] signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Reads a file.</summary>
    /// <param name="path">A PNG of 1 to 8 bits a pixel, grey or with a palette, not interlaced.</param>
    /// <param name="maxPixels">Pixels of the largest that is read.</param>
    /// <exception cref="UserException">It is missing, damaged, too large or of another kind.</exception>
    public static IndexMask Read(string path, long maxPixels)
    {
        try
        {
            return Decode(RegularFile.ReadBytes(path, MostBytes), maxPixels);
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{path}: {e.Message}", e);
        }
    }

    private static IndexMask Decode(byte[] file, long maxPixels)
    {
        if (!file.AsSpan().StartsWith(signature))
            throw new InvalidDataException("not a PNG; index masks are PNGs of grey values or with a palette");
        var (packed, header, hasEnded) = (new MemoryStream(), default(byte[]), false);
        for (var at = (long)signature.Length; !hasEnded;)
        {
            if (at + Frame > file.Length) throw new InvalidDataException("the PNG is cut short");
            var length = (long)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (at + Frame + length > file.Length) throw new InvalidDataException("the PNG is cut short");
            var name = file.AsSpan((int)at + 4, 4);
            var content = file.AsSpan((int)at + 8, (int)length);
            if (header is null && !(name.SequenceEqual("IHDR"u8) && length == 13))
                throw new InvalidDataException("the PNG is damaged: it does not begin with a header");
            header ??= content.ToArray();
            if (name.SequenceEqual("IDAT"u8)) packed.Write(content);
            hasEnded = name.SequenceEqual("IEND"u8);
            at += Frame + length;
        }
        return Pixels(header!, packed, maxPixels);
    }

    private static IndexMask Pixels(byte[] header, MemoryStream packed, long maxPixels)
    {
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)));
        var (bits, kind) = (header[8], header[9]);
        if (kind is not (Grey or Palette))
            throw new InvalidDataException(
                "a PNG of colours; index masks have a number a pixel: save it grey or with a palette, of 8 bits");
        if (bits is not (1 or 2 or 4 or 8)) throw new InvalidDataException($"a PNG of {bits} bits a pixel; index masks have 8 or fewer");
        if (header[12] != 0) throw new InvalidDataException("an interlaced PNG; save the mask without interlacing");
        if (width == 0 || height == 0 || width > maxPixels || height > maxPixels
            || width * (long)height > Math.Min(maxPixels, int.MaxValue / 2))
            throw new InvalidDataException(
                FormattableString.Invariant(
                    $"{width} x {height} pixels, of which there are none or more than the {maxPixels:N0} that are allowed"));
        // With fewer bits than eight, several pixels share a byte, the first in its high bits.
        var pitch = (int)((width * bits + 7) / 8);
        var (row, above) = (new byte[pitch], new byte[pitch]);
        var values = new byte[width * height];
        packed.Position = 0;
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
        try
        {
            for (var y = 0; y < height; y++)
            {
                var filter = unpacked.ReadByte();
                unpacked.ReadExactly(row);
                Unfilter(filter, row, above);
                for (var x = 0; x < width; x++)
                    values[y * width + x] = (byte)(row[x * bits / 8] >> (8 - bits - x * bits % 8) & (1 << bits) - 1);
                (row, above) = (above, row);
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("the PNG is cut short", e);
        }
        return new((int)width, (int)height, values);
    }

    /// <summary>
    /// Adds to each byte what the row's filter foretold of it: the byte before, that above, their mean, or Paeth's choice of them.
    /// </summary>
    private static void Unfilter(int filter, byte[] row, byte[] above)
    {
        if (filter is < 0 or > 4) throw new InvalidDataException("the PNG is damaged");
        for (var i = 0; i < row.Length; i++)
        {
            var (left, up, corner) = (i > 0 ? row[i - 1] : (byte)0, above[i], i > 0 ? above[i - 1] : (byte)0);
            row[i] += filter switch { 0 => 0, 1 => left, 2 => up, 3 => (byte)((left + up) / 2), _ => Paeth(left, up, corner) };
        }
    }

    private static byte Paeth(byte left, byte up, byte corner)
    {
        var (toLeft, toUp, toCorner) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - 2 * corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
