using System.Buffers.Binary;

namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>
/// A TIFF of one page written anew as a BigTIFF: places and numbers of values in 64 bits, the parts in the opposite order.
/// </summary>
internal static class BigTiff
{
    private const int StripOffsets = 273, StripByteCounts = 279, TileOffsets = 324, TileByteCounts = 325, Quad = 16;

    /// <summary>In memory.</summary>
    public static byte[] Of(byte[] old)
    {
        using var file = new MemoryStream();
        Write(old, file);
        return file.ToArray();
    }

    /// <summary>Writes it.</summary>
    /// <param name="old">The file to take the page of.</param>
    /// <param name="gap">Bytes of nothing in front of the parts; a file system that can keeps no room for them.</param>
    public static void Write(byte[] old, Stream file, long gap = 0)
    {
        var little = old[0] == 'I';
        var directory = (int)Long(old, 4);
        var entries = Enumerable.Range(0, Short(old, directory)).Select(i => directory + 2 + 12 * i)
            .Select(at => (Tag: Short(old, at), Type: Short(old, at + 2), Values: Values(at))).ToList();
        long[] Numbers(params int[] tags) =>
            [.. entries.Where(e => tags.Contains(e.Tag)).SelectMany(e => Enumerable.Range(0, e.Values.Length / Width(e.Type)).Select(i =>
                e.Type == 3 ? Short(e.Values, 2 * i) : Long(e.Values, 4 * i)))];
        var (offsets, counts) = (Numbers(StripOffsets, TileOffsets), Numbers(StripByteCounts, TileByteCounts));
        file.Write(little ? "II"u8 : "MM"u8);
        file.Write([.. Bytes(43, 2), .. Bytes(8, 2), .. Bytes(0, 2), .. Bytes(16, 8), .. Bytes(entries.Count, 8)]);
        var outside = 16 + 8 + 20 * entries.Count + 8L;
        var parts = outside + gap + 16 * (offsets.Length + counts.Length) + entries.Sum(e => e.Values.Length);
        // Behind each other from the last to the first.
        var places = new long[offsets.Length];
        for (var (i, at) = (offsets.Length - 1, parts); i >= 0; at += counts[i], i--) places[i] = at;
        var lists = new List<(long At, byte[] Bytes)>();
        foreach (var (tag, type, values) in entries)
        {
            var isPlaces = tag is StripOffsets or TileOffsets;
            var isCounts = tag is StripByteCounts or TileByteCounts;
            var bytes = isPlaces ? [.. places.SelectMany(p => Bytes(p, 8))] : isCounts ? [.. counts.SelectMany(c => Bytes(c, 8))] : values;
            var number = isPlaces || isCounts ? Quad : type;
            file.Write([.. Bytes(tag, 2), .. Bytes(number, 2), .. Bytes(bytes.Length / Width(number), 8)]);
            if (bytes.Length <= 8) file.Write([.. bytes, .. new byte[8 - bytes.Length]]);
            else
            {
                file.Write(Bytes(outside, 8));
                lists.Add((outside, bytes));
                outside += bytes.Length;
            }
        }
        file.Write(Bytes(0, 8));
        foreach (var (at, bytes) in lists)
        {
            file.Position = at;
            file.Write(bytes);
        }
        for (var i = 0; i < places.Length; i++)
        {
            file.Position = places[i];
            file.Write(old, (int)offsets[i], (int)counts[i]);
        }

        byte[] Values(int entry)
        {
            var length = (int)Long(old, entry + 4) * Width(Short(old, entry + 2));
            var at = length > 4 ? (int)Long(old, entry + 8) : entry + 8;
            return old[at..(at + length)];
        }

        int Short(byte[] of, int at) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(of.AsSpan(at)) : BinaryPrimitives.ReadUInt16BigEndian(of.AsSpan(at));

        long Long(byte[] of, int at) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(of.AsSpan(at)) : BinaryPrimitives.ReadUInt32BigEndian(of.AsSpan(at));

        byte[] Bytes(long value, int width)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            return little ? bytes[..width] : [.. bytes[..width].Reverse()];
        }
    }

    private static int Width(int type) => type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, _ => 8 };
}
