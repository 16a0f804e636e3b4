using System.Runtime.CompilerServices;

namespace DataSsl.Runtime;

/// <summary>
/// A counter-based random stream: every draw is a pure function of a key such as (seed, purpose, step, image), never of what was drawn
/// before elsewhere. That makes runs independent of worker counts and lets a killed run continue to the same bits without storing any
/// generator state.
/// </summary>
/// <remarks>
/// The mixing function is SplitMix64's finaliser (Steele, Lea and Flood 2014), applied to a Weyl sequence from the hashed key.
/// </remarks>
public struct CounterRandom
{
    private const ulong Weyl = 0x9E3779B97F4A7C15;
    private ulong state;

    private CounterRandom(ulong state) => this.state = state;

    /// <summary>
    /// The stream of <paramref name="seed"/> for one <paramref name="purpose"/> and the coordinates within it (a step, an image, a view).
    /// </summary>
    public static CounterRandom For(ulong seed, string purpose, long first = 0, long second = 0, long third = 0)
    {
        var key = Mix(seed + Weyl);
        foreach (var c in purpose) key = Mix(key ^ c);
        key = Mix(key ^ unchecked((ulong)first * Weyl));
        key = Mix(key ^ unchecked((ulong)second * Weyl));
        return new(Mix(key ^ unchecked((ulong)third * Weyl)));
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextBits() => Mix(state += Weyl);

    /// <summary>Uniform in [0, 1) with 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Between(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Uniform in [0, <paramref name="bound"/>), without modulo bias.</summary>
    public long Below(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var high = Math.BigMul(NextBits(), (ulong)bound, out var low);
        if (low < (ulong)bound)
        {
            var threshold = unchecked((ulong)-bound) % (ulong)bound;
            while (low < threshold) high = Math.BigMul(NextBits(), (ulong)bound, out low);
        }
        return (long)high;
    }

    /// <summary>A standard normal draw (Box-Muller).</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Shuffles in place (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The numbers from 0 to below <paramref name="count"/> in a random order.</summary>
    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        Shuffle(order.AsSpan());
        return order;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
