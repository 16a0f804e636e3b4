using System.Numerics;

namespace DataSsl.Kernels;

/// <summary>The weights of an antialiased filter along one axis (Pillow's): its kernel widened by the scale, never narrowed.</summary>
internal sealed class ResizeFilter
{
    private readonly int[] counts;

    /// <summary>From all of <paramref name="source"/> samples to <paramref name="target"/> ones, bilinear.</summary>
    public ResizeFilter(int source, int target) : this(source, target, 0, (double)source / target, 1) { }

    /// <param name="source">How many samples there are.</param>
    /// <param name="target">How many are made.</param>
    /// <param name="origin">Target sample i is centred at <c>origin + step * (i + 0.5)</c>, which lies among the sources.</param>
    /// <param name="step">Sources a target; negative to mirror.</param>
    /// <param name="total">What the weights of a target sample sum to.</param>
    /// <param name="reach">Samples to each side that the kernel looks at where nothing shrinks.</param>
    /// <param name="kernel">Of the distance in samples, from 0 to <paramref name="reach"/>; null for the triangle (bilinear).</param>
    public ResizeFilter(
        int source, int target, double origin, double step, double total, int reach = 1, Func<double, double>? kernel = null)
    {
        var scale = Math.Max(Math.Abs(step), 1);
        var support = reach * scale;
        var padded = Padded(target);
        Taps = (int)Math.Ceiling(2 * support);
        (Firsts, counts, Weights) = (new int[padded], new int[padded], new float[padded * Taps]);
        First = source;
        for (var i = 0; i < target; i++)
        {
            var centre = origin + step * (i + 0.5);
            var first = Math.Max(0, (int)(centre - support + 0.5));
            // Rounded up on one side and down on the other, a sample of no weight at each end would be one too many.
            var end = Math.Min(Math.Min(source, (int)(centre + support + 0.5)), first + Taps);
            var sum = 0.0;
            for (var j = first; j < end; j++) sum += Weight(j);
            for (var j = first; j < end; j++) Weights[i * Taps + j - first] = (float)(Weight(j) / sum * total);
            (Firsts[i], counts[i]) = (first, end - first);
            (First, End) = (Math.Min(First, first), Math.Max(End, end));

            double Weight(int j)
            {
                var distance = Math.Abs(j + 0.5 - centre) / scale;
                return kernel is null ? Math.Max(0, 1 - distance) : kernel(distance);
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

    /// <summary>A number of floats rounded up to whole vectors.</summary>
    public static int Padded(int count) => (count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

    /// <summary>The weights of target sample <paramref name="i"/> and the source sample that they begin at.</summary>
    public ReadOnlySpan<float> Of(int i, out int first)
    {
        first = Firsts[i];
        return Weights.AsSpan(i * Taps, counts[i]);
    }
}
