using System.Numerics;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Data;

/// <summary>Mean and deviation of each band over all pixels of a store's images, as they are kept.</summary>
public static class PixelStatistics
{
    /// <summary>
    /// A band that is the same everywhere says nothing; one level of its values then takes the deviation's place, since something must
    /// divide.
    /// </summary>
    private static double Least(PixelFormat format) => 1.0 / format.Largest;

    /// <summary>
    /// Sums in whole numbers, so that neither the workers nor their order change a digit; values count from 0 to 1. Images that memory does
    /// not hold are decoded once more.
    /// </summary>
    /// <param name="store">The images.</param>
    /// <returns>By band; the deviation is that of the pixels at hand (over N, not N - 1).</returns>
    /// <exception cref="UserException">A file that decoded when the store was loaded no longer does.</exception>
    public static (Channels Mean, Channels Deviation) Of(ImageStore store)
    {
        var format = store.Pixels.Format;
        var (sums, squares, pixels) = (new UInt128[format.Bands], new UInt128[format.Bands], 0L);
        var gate = new Lock();
        Workers.For(store.Count, store.Workers, i =>
        {
            using var decoded = store.Get(i);
            var (sum, square) = Sums(decoded.Image);
            lock (gate)
            {
                pixels += (long)decoded.Image.Width * decoded.Image.Height;
                for (var band = 0; band < sums.Length; band++)
                {
                    sums[band] += sum[band];
                    squares[band] += square[band];
                }
            }
        });
        var (mean, deviation) = (new double[format.Bands], new double[format.Bands]);
        for (var band = 0; band < mean.Length; band++)
        {
            // N times the sum of squares less the square of the sum is whole too, and loses nothing where values are all but alike.
            var spread = (UInt128)pixels * squares[band] - sums[band] * sums[band];
            mean[band] = (double)sums[band] / pixels / format.Largest;
            deviation[band] = Math.Max(Math.Sqrt((double)spread) / pixels / format.Largest, Least(format));
        }
        return (new(mean), new(deviation));
    }

    private static (ulong[] Sums, ulong[] Squares) Sums(Image image)
    {
        var bands = image.Format.Bands;
        var (sums, squares) = (new ulong[bands], new ulong[bands]);
        if (image.Format.Bits == 8) Add<byte>(image.Pixels.Span);
        else Add<ushort>(MemoryMarshal.Cast<byte, ushort>(image.Pixels.Span));
        return (sums, squares);

        void Add<T>(ReadOnlySpan<T> values) where T : unmanaged, IBinaryInteger<T>
        {
            for (var i = 0; i < values.Length; i += bands)
                for (var band = 0; band < bands; band++)
                {
                    var value = ulong.CreateTruncating(values[i + band]);
                    sums[band] += value;
                    squares[band] += value * value;
                }
        }
    }
}
