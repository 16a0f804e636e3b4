using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Torch;

/// <summary>
/// What <see cref="FusedNorm"/> works out of the sums of each channel, four channels at a time: of small maps with many channels one at a
/// time took longer than the passes over the values. In 64 bits, rounded once.
/// </summary>
internal static unsafe class NormChannels
{
    /// <summary>Channels at a time; divides the width of every vector of <see cref="Kernels.Lanes"/>.</summary>
    private const int Width = 4;

    /// <summary>
    /// From sums [2, C] of value - centre and of its square: mean and 1 / deviation, and with them y = x * factor + offset.
    /// </summary>
    public static void Forward(
        double* sums, float* centre, double count, double epsilon, float* weight, float* bias, nint channels, float* mean,
        float* deviation, float* factor, float* offset)
    {
        var squares = sums + channels;
        nint c = 0;
        for (; c + Width <= channels; c += Width)
        {
            var from = Vector256.Load(sums + c) / count;
            var variance = Vector256.Load(squares + c) / count - from * from;
            // Not Max: what is not a number stays so.
            variance = Vector256.ConditionalSelect(Vector256.LessThan(variance, Vector256<double>.Zero), Vector256<double>.Zero, variance);
            var m = Narrow(Wide(centre + c) + from);
            var d = Narrow(Vector256<double>.One / Vector256.Sqrt(variance + Vector256.Create(epsilon)));
            var w = Vector128.Load(weight + c);
            m.Store(mean + c);
            d.Store(deviation + c);
            (w * d).Store(factor + c);
            (Vector128.Load(bias + c) - m * w * d).Store(offset + c);
        }
        for (; c < channels; c++)
        {
            var from = sums[c] / count;
            var variance = squares[c] / count - from * from;
            mean[c] = (float)(centre[c] + from);
            deviation[c] = (float)(1 / Math.Sqrt((variance < 0 ? 0 : variance) + epsilon));
            factor[c] = weight[c] * deviation[c];
            offset[c] = bias[c] - mean[c] * weight[c] * deviation[c];
        }
    }

    /// <summary>
    /// From sums [2, C] of the gradient and of it times (x - mean): the gradients by scale and shift, and with them that by x = gradient *
    /// factor + x * slope + offset.
    /// </summary>
    public static void Backward(
        double* sums, double count, float* weight, float* mean, float* deviation, nint channels, float* scales, float* shifts,
        float* factor, float* slope, float* offset)
    {
        var products = sums + channels;
        nint c = 0;
        for (; c + Width <= channels; c += Width)
        {
            Vector256<double> total = Vector256.Load(sums + c), product = Vector256.Load(products + c), d = Wide(deviation + c);
            Narrow(product * d).Store(scales + c);
            Narrow(total).Store(shifts + c);
            Vector128<float> w = Vector128.Load(weight + c), single = Vector128.Load(deviation + c), first = w * single;
            var inclination = Narrow(Wide(-first * single * single) * (product / count));
            first.Store(factor + c);
            inclination.Store(slope + c);
            (Narrow(Wide(-first) * (total / count)) - inclination * Vector128.Load(mean + c)).Store(offset + c);
        }
        for (; c < channels; c++)
        {
            scales[c] = (float)(products[c] * deviation[c]);
            shifts[c] = (float)sums[c];
            factor[c] = weight[c] * deviation[c];
            slope[c] = (float)(-factor[c] * deviation[c] * deviation[c] * (products[c] / count));
            offset[c] = (float)(-factor[c] * (sums[c] / count)) - slope[c] * mean[c];
        }
    }

    /// <summary>Adds what was found at each place of a row, [length], to the sums of its channels.</summary>
    public static void Add(double* found, nint length, double* sums, nint channels)
    {
        for (nint pixel = 0; pixel < length; pixel += channels)
        {
            nint c = 0;
            for (; c + Width <= channels; c += Width)
                (Vector256.Load(sums + c) + Vector256.Load(found + pixel + c)).Store(sums + c);
            for (; c < channels; c++) sums[c] += found[pixel + c];
        }
    }

    /// <summary>Adds a vector of sums in 32 bits, as wide as any is, to those in 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSingle(float* found, int count, double* sums)
    {
        for (var i = 0; i < count; i += Width) (Vector256.Load(sums + i) + Wide(found + i)).Store(sums + i);
    }

    /// <summary>Fills a row of several pixels with what its first pixel has.</summary>
    public static void Repeat(float* row, nint length, nint channels)
    {
        for (var pixel = channels; pixel < length; pixel += channels)
            Unsafe.CopyBlock(row + pixel, row, (uint)(channels * sizeof(float)));
    }

    private static Vector256<double> Wide(float* values) => Wide(Vector128.Load(values));

    private static Vector256<double> Wide(Vector128<float> values)
    {
        var (lower, upper) = Vector128.Widen(values);
        return Vector256.Create(lower, upper);
    }

    private static Vector128<float> Narrow(Vector256<double> values) => Vector128.Narrow(values.GetLower(), values.GetUpper());
}
