using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace DataSsl.Tests;

/// <summary>
/// Values that a name gives, on every system the same to the bit: what the tests and <c>seeded.py</c> both make, so that recordings need
/// hold outputs alone.
/// </summary>
internal static class Seeded
{
    /// <summary>SplitMix64 from a seed that is FNV-1a of the name.</summary>
    public static ulong Bits(string name, int index) => Mixed(Seed(name), index);

    /// <summary>Uniform between -scale and scale about shift, float32.</summary>
    public static Tensor Uniform(string name, long[] shape, double scale = 1, double shift = 0) =>
        tensor(Values(name, checked((int)shape.Aggregate(1L, (a, b) => a * b)), (float)scale, (float)shift), shape);

    /// <summary>
    /// A weight or statistic of a network: matrices as wide as their input asks for, scales and variances about 1, all else about 0.
    /// </summary>
    public static Tensor Parameter(string name, long[] shape, double gain = 1)
    {
        var count = shape.Aggregate(1L, (a, b) => a * b);
        if (shape.Length > 1 && !name.EndsWith("_embed", StringComparison.Ordinal) && !name.EndsWith("_token", StringComparison.Ordinal))
            return Uniform(name, shape, Math.Sqrt(gain * shape[0] / count));
        var one = name.EndsWith("running_var", StringComparison.Ordinal)
            || (name.EndsWith("weight", StringComparison.Ordinal) && shape.Length == 1);
        return Uniform(name, shape, 0.2, one ? 1 : 0);
    }

    /// <summary>
    /// 8-bit RGB [H, W, 3]: a triangle wave across and one down for each channel, of which some neighbours are far apart.
    /// </summary>
    public static byte[] Picture(string name, int width, int height)
    {
        var rgb = new byte[3 * width * height];
        for (var channel = 0; channel < 3; channel++)
        {
            var steps = Bits(name, channel);
            var (a, b, c) = ((int)(steps & 15), (int)(steps >> 4 & 15), (int)(steps >> 8 & 15));
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    rgb[3 * (y * width + x) + channel] = (byte)(
                        (Wave((5 + a) * x + 17 * c) + Wave((5 + b) * y) + 40 * ((x / 7 + y / 5) % 2)) * 255 / 550);
        }
        return rgb;

        static int Wave(int at) => Math.Abs((at + 255) % 510 - 255);
    }

    /// <summary>As <see cref="Uniform"/>, without a tensor.</summary>
    public static float[] Values(string name, int count, float scale = 1, float shift = 0)
    {
        var (seed, values) = (Seed(name), new float[count]);
        Parallel.For(0, (count + (1 << 16) - 1) >> 16, part =>
        {
            for (var i = part << 16; i < Math.Min(count, (part + 1) << 16); i++)
                values[i] = (((Mixed(seed, i) >> 40) * (1f / (1 << 23))) - 1) * scale + shift;
        });
        return values;
    }

    private static ulong Seed(string name)
    {
        var seed = 14695981039346656037;
        foreach (var b in Encoding.UTF8.GetBytes(name)) seed = (seed ^ b) * 1099511628211;
        return seed;
    }

    private static ulong Mixed(ulong seed, int index)
    {
        var x = seed + ((ulong)index + 1) * 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
