using System.IO.Compression;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Data;

/// <summary>How a TIFF packs the bytes of a strip or tile (TIFF 6.0, sections 9 and 13; Deflate by Adobe's supplement 2).</summary>
internal static class TiffPacking
{
    private const int None = 1, Lzw = 5, Deflate = 8, OldDeflate = 32946, PackBits = 32773;

    /// <summary>Whether differences of neighbours may be what is packed.</summary>
    public static bool MayDiffer(long kind) => kind is Lzw or Deflate or OldDeflate;

    /// <summary>Unpacks a part.</summary>
    /// <param name="kind">TIFF's number of the packing.</param>
    /// <param name="packed">The part as it is stored.</param>
    /// <param name="values">All of it, as it was.</param>
    /// <exception cref="InvalidDataException">It is cut short, damaged or packed in another way.</exception>
    public static void Unpack(long kind, ReadOnlyMemory<byte> packed, Span<byte> values)
    {
        switch (kind)
        {
            case None:
                if (packed.Length < values.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);
                packed.Span[..values.Length].CopyTo(values);
                break;
            case Lzw:
                UnpackLzw(packed.Span, values);
                break;
            case Deflate or OldDeflate:
                Inflate(packed, values);
                break;
            case PackBits:
                UnpackBits(packed.Span, values);
                break;
            default:
                throw new InvalidDataException(
                    $"a TIFF of compression {kind}; in bands that are no colours none, LZW, Deflate and PackBits are read");
        }
    }

    private static void Inflate(ReadOnlyMemory<byte> packed, Span<byte> values)
    {
        MemoryMarshal.TryGetArray(packed, out var bytes);
        using var stream = new ZLibStream(new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count), CompressionMode.Decompress);
        var read = 0;
        try
        {
            read = stream.ReadAtLeast(values, values.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)
        {
            throw ImageHeader.Damaged(ImageFormat.Tiff);
        }
        if (read < values.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);
    }

    /// <summary>Runs: a count of bytes as they are, or of how often one is repeated.</summary>
    private static void UnpackBits(ReadOnlySpan<byte> packed, Span<byte> values)
    {
        while (values.Length > 0)
        {
            if (packed.Length < 2) throw ImageHeader.Truncated(ImageFormat.Tiff);
            var count = (sbyte)packed[0];
            packed = packed[1..];
            if (count == sbyte.MinValue) continue;
            var run = Math.Min(Math.Abs(count) + 1, values.Length);
            if (count < 0) values[..run].Fill(packed[0]);
            else if (packed.Length < run) throw ImageHeader.Truncated(ImageFormat.Tiff);
            else packed[..run].CopyTo(values);
            packed = packed[(count < 0 ? 1 : run)..];
            values = values[run..];
        }
    }

    /// <summary>Codes of 9 to 12 bits, the high bit first, each a string that was seen before with one more byte.</summary>
    private static void UnpackLzw(ReadOnlySpan<byte> packed, Span<byte> values)
    {
        const int clear = 256, end = 257, most = 4096;
        // A string is where it was written, and how long it is.
        var (starts, lengths) = (new int[most], new int[most]);
        var (next, bits, written, place) = (end + 1, 9, 0, 0L);
        var last = -1;
        while (written < values.Length)
        {
            if (place + bits > 8L * packed.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);
            var code = 0;
            for (var i = 0; i < bits; i++, place++) code = code << 1 | packed[(int)(place >> 3)] >> (int)(7 - (place & 7)) & 1;
            if (code == end) throw ImageHeader.Truncated(ImageFormat.Tiff);
            if (code == clear)
            {
                (next, bits, last) = (end + 1, 9, -1);
                continue;
            }
            var start = written;
            if (code < clear) values[written++] = (byte)code;
            else
            {
                // The string that is being made may be its own end.
                if (code >= next && (last < 0 || code > next)) throw ImageHeader.Damaged(ImageFormat.Tiff);
                var (from, count) = code < next ? (starts[code], lengths[code]) : (last, written - last + 1);
                for (var i = 0; i < count && written < values.Length; i++) values[written++] = values[from + i];
            }
            if (last >= 0 && next < most) (starts[next], lengths[next++]) = (last, start - last + 1);
            last = start;
            // One code early, as TIFF's writers count.
            bits = next switch { >= 2047 => 12, >= 1023 => 11, >= 511 => 10, _ => 9 };
        }
    }
}
