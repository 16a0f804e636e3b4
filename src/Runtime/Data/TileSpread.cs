using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Data;

/// <summary>
/// How much the pixels of a tile differ. It is background where in no band 98 of 100 pixels spread over more than 1/32 of the largest value
/// that the band has anywhere in the picture: the rule is the same for any bands and bits, and for a camera that fills a part of its range.
/// </summary>
internal static class TileSpread
{
    private const int LeftOut = 100, Share = 32;

    /// <summary>Looks at a rectangle.</summary>
    /// <param name="image">The picture, or rows of it.</param>
    /// <param name="box">Where.</param>
    /// <param name="largest">By band; raised where the rectangle has larger values.</param>
    /// <returns>By band, how far the values lie apart of which the hundredth lowest and the hundredth highest are left out.</returns>
    public static int[] Of(Image image, PixelBox box, int[] largest)
    {
        var ranges = new int[image.Format.Bands];
        if (image.Format.Bits == 8) Look(image.Pixels.Span);
        else Look(MemoryMarshal.Cast<byte, ushort>(image.Pixels.Span));
        return ranges;

        void Look<T>(ReadOnlySpan<T> values) where T : unmanaged, IBinaryInteger<T>
        {
            var (bands, levels) = (ranges.Length, image.Format.Largest + 1);
            var counts = ArrayPool<int>.Shared.Rent(levels);
            for (var band = 0; band < bands; band++)
            {
                Array.Clear(counts, 0, levels);
                for (var y = box.Top; y < box.Top + box.Height; y++)
                {
                    var row = values.Slice((y * image.Width + box.Left) * bands, box.Width * bands);
                    for (var i = band; i < row.Length; i += bands) counts[int.CreateTruncating(row[i])]++;
                }
                var few = box.Width * box.Height / LeftOut;
                ranges[band] = Math.Max(0, Nth(counts, levels - 1, -1, few) - Nth(counts, 0, 1, few));
                largest[band] = Math.Max(largest[band], Nth(counts, levels - 1, -1, 0));
            }
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    /// <summary>Whether a tile of such ranges is background.</summary>
    /// <param name="ranges">Of the tile.</param>
    /// <param name="largest">Of its picture.</param>
    public static bool IsBackground(ReadOnlySpan<int> ranges, ReadOnlySpan<int> largest)
    {
        for (var band = 0; band < ranges.Length; band++)
            if ((long)Share * ranges[band] > largest[band]) return false;
        return true;
    }

    /// <summary>The level, counted from one end, above so many values.</summary>
    private static int Nth(int[] counts, int from, int step, int skipped)
    {
        var level = from;
        for (var left = skipped; (left -= counts[level]) >= 0; level += step) { }
        return level;
    }
}
