using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Brings a decoded picture to its <see cref="Canvas"/>: an antialiased triangle filter over the area that each new pixel covers (what Pillow calls
/// BILINEAR when it shrinks), rows first, in single precision with one rounding at the end.
/// </summary>
internal static class Shrinker
{
    /// <summary>The size with the short side at most <paramref name="canvas"/> and the aspect ratio kept; never larger than the picture.</summary>
    public static (int Width, int Height) Fit(int width, int height, int canvas)
    {
        var side = Math.Min(width, height);
        if (side <= canvas) return (width, height);
        return ((int)Math.Round((double)width * canvas / side), (int)Math.Round((double)height * canvas / side));
    }

    /// <summary>Shrinks so that the short side is at most <paramref name="canvas"/> pixels.</summary>
    public static Canvas ToCanvas(Image image, int canvas)
    {
        var (width, height) = Fit(image.Width, image.Height, canvas);
        var rows = GC.AllocateUninitializedArray<byte>(3 * width * height);
        if (width == image.Width && height == image.Height) Split(image.Rgb, rows, width);
        else Resize(image, rows, width, height);
        return new(width, height, rows);
    }

    private static void Split(byte[] rgb, byte[] rows, int width)
    {
        for (int start = 0; start < rgb.Length; start += 3 * width)
        {
            var pixels = rgb.AsSpan(start, 3 * width);
            var red = rows.AsSpan(start, width);
            var green = rows.AsSpan(start + width, width);
            var blue = rows.AsSpan(start + 2 * width, width);
            for (var x = 0; x < red.Length; x++)
            {
                red[x] = pixels[3 * x];
                green[x] = pixels[3 * x + 1];
                blue[x] = pixels[3 * x + 2];
            }
        }
    }

    private static void Resize(Image image, byte[] rows, int width, int height)
    {
        var vertical = new Triangle(image.Height, height);
        var horizontal = new Triangle(image.Width, width);
        var stride = 3 * image.Width;
        var sums = new float[stride + 1];  // one spare float: a pixel is read as four lanes
        for (var y = 0; y < height; y++)
        {
            Array.Clear(sums);
            var weights = vertical.Weights(y, out var first);
            for (var tap = 0; tap < weights.Length; tap++)
                AddScaled(image.Rgb.AsSpan((first + tap) * stride, stride), weights[tap], sums);
            ShrinkRow(sums, horizontal, rows.AsSpan(3 * width * y, 3 * width), width);
        }
    }

    private static void AddScaled(ReadOnlySpan<byte> source, float weight, Span<float> sums)
    {
        var wholes = MemoryMarshal.Cast<byte, Vector<byte>>(source);
        var factor = new Vector<float>(weight);
        for (var i = 0; i < wholes.Length; i++)
        {
            Vector.Widen(wholes[i], out var low, out var high);
            var target = MemoryMarshal.Cast<float, Vector<float>>(sums.Slice(i * Vector<byte>.Count, Vector<byte>.Count));
            AddScaled(low, factor, target);
            AddScaled(high, factor, target[2..]);
        }
        for (var i = wholes.Length * Vector<byte>.Count; i < source.Length; i++) sums[i] += weight * source[i];
    }

    private static void AddScaled(Vector<ushort> values, Vector<float> factor, Span<Vector<float>> sums)
    {
        Vector.Widen(values, out var low, out var high);
        sums[0] += Vector.ConvertToSingle(Vector.AsVectorInt32(low)) * factor;
        sums[1] += Vector.ConvertToSingle(Vector.AsVectorInt32(high)) * factor;
    }

    private static void ShrinkRow(ReadOnlySpan<float> pixels, Triangle filter, Span<byte> row, int width)
    {
        var red = row[..width];
        var green = row.Slice(width, width);
        var blue = row.Slice(2 * width, width);
        for (var x = 0; x < red.Length; x++)
        {
            var weights = filter.Weights(x, out var first);
            ref var source = ref MemoryMarshal.GetReference(pixels.Slice(3 * first, 3 * weights.Length + 1));
            var sum = Vector128.Create(0.5f);
            for (var tap = 0; tap < weights.Length; tap++)
                sum += weights[tap] * Vector128.LoadUnsafe(ref source, (nuint)(3 * tap));
            var rounded = Vector128.ConvertToInt32(sum);
            red[x] = (byte)rounded[0];
            green[x] = (byte)rounded[1];
            blue[x] = (byte)rounded[2];
        }
    }
}
