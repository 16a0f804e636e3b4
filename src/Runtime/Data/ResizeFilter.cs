using System.Numerics;

namespace DataSsl.Runtime.Data;

/// <summary>
/// The weights of an antialiased filter along one axis (Pillow's BILINEAR or BICUBIC): its kernel widened by the scale, never narrowed.
/// </summary>
internal sealed class ResizeFilter
{
    private readonly int[] counts;

    /// <summary>From all of <paramref name="source"/> samples to <paramref name="target"/> ones, bilinear.</summary>
    public ResizeFilter(int source, int target) : this(source, target, 0, (double)source / target, 1, Interpolation.Bilinear) { }

    /// <param name="source">How many samples there are.</param>
    /// <param name="target">How many are made.</param>
    /// <param name="origin">Target sample i is centred at <c>origin + step * (i + 0.5)</c>, which lies among the sources.</param>
    /// <param name="step">Sources a target; negative to mirror.</param>
    /// <param name="total">What the weights of a target sample sum to.</param>
    /// <param name="interpolation">The kernel.</param>
    public ResizeFilter(int source, int target, double origin, double step, double total, Interpolation interpolation)
    {
        var scale = Math.Max(Math.Abs(step), 1);
        var support = interpolation == Interpolation.Bicubic ? 2 * scale : scale;
        var padded = Padded(target);
        Taps = (int)Math.Ceiling(2 * support);
        (Firsts, counts, Weights) = (new int[padded], new int[padded], new float[padded * Taps]);
        First = source;
        for (var i = 0; i < target; i++)
        {
            var centre = origin + step * (i + 0.5);
            var first = Math.Max(0, (int)(centre - support + 0.5));
            var end = Math.Min(source, (int)(centre + support + 0.5));
            var sum = 0.0;
            for (var j = first; j < end; j++) sum += Weight(j);
            for (var j = first; j < end; j++) Weights[i * Taps + j - first] = (float)(Weight(j) / sum * total);
            (Firsts[i], counts[i]) = (first, end - first);
            (First, End) = (Math.Min(First, first), Math.Max(End, end));

            double Weight(int j)
            {
                var distance = Math.Abs(j + 0.5 - centre) / scale;
                return interpolation == Interpolation.Bicubic ? Cubic(distance) : Math.Max(0, 1 - distance);
            }
        }
        Array.Fill(Firsts, First, target, padded - target);
    }

    /// <summary>The first source sample that has a weight.</summary>
    public int First { get; }

    /// <summary>One past the last source sample that has a weight.</summary>
    public int End { get; }

    /// <summary>Room for the weights of one target sample.</summary>
    public int Taps { get; }

    /// <summary>Where the weights of each target sample begin among the sources, padded to whole vectors.</summary>
    public int[] Firsts { get; }

    /// <summary>The weights, <see cref="Taps"/> for each target sample and zeros where it has fewer; none for the padding.</summary>
    public float[] Weights { get; }

    private static double Cubic(double x) => x switch
    {
        < 1 => (1.5 * x - 2.5) * x * x + 1,
        < 2 => ((-0.5 * x + 2.5) * x - 4) * x + 2,
        _ => 0,
    };

    /// <summary>A number of floats rounded up to whole vectors.</summary>
    public static int Padded(int count) => (count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

    /// <summary>The weights of target sample <paramref name="i"/> and the source sample that they begin at.</summary>
    public ReadOnlySpan<float> Of(int i, out int first)
    {
        first = Firsts[i];
        return Weights.AsSpan(i * Taps, counts[i]);
    }
}

/// <summary>
/// The kernel of an antialiased resize; it is widened by the scale where an image is shrunk (Pillow's filters, torchvision's
/// <c>antialias=True</c>).
/// </summary>
public enum Interpolation
{
    /// <summary>A triangle, one pixel to each side.</summary>
    Bilinear,

    /// <summary>
    /// Keys's cubic with a = -1/2, two pixels to each side. It overshoots at edges, so views are cut to [0, 1] after it, as 8-bit images
    /// are.
    /// </summary>
    Bicubic,
}
