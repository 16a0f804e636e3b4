using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Single-precision draws, as painting wants them.</summary>
internal static class Draws
{
    public static float Float(this ref CounterRandom random, float low, float high) => (float)random.Between(low, high);

    /// <summary>A uniform integer, both ends included.</summary>
    public static int Int(this ref CounterRandom random, int low, int high) => low + (int)random.Below(high - low + 1);

    public static Vector2 Direction(this ref CounterRandom random)
    {
        // Double precision, then rounded: the last bit of a platform's sine does not reach the picture.
        var angle = random.Between(0, 2 * Math.PI);
        return new((float)Math.Cos(angle), (float)Math.Sin(angle));
    }

    /// <summary>Uniform in the square of half-side <paramref name="reach"/>.</summary>
    public static Vector2 Point(this ref CounterRandom random, float reach) =>
        new(random.Float(-reach, reach), random.Float(-reach, reach));

    public static Noise Noise(this ref CounterRandom random) => new((uint)random.NextBits());

    /// <summary>
    /// Points no closer than <paramref name="apart"/>, by dart throwing; fewer than <paramref name="count"/> where the square is full.
    /// </summary>
    public static List<Vector2> Scatter(this ref CounterRandom random, int count, float reach, float apart)
    {
        var points = new List<Vector2>(count);
        for (var tries = 0; tries < 8 * count && points.Count < count; tries++)
        {
            // The first lands near the middle, so that no picture is empty.
            var dart = random.Point(points.Count == 0 ? 0.4f * reach : reach);
            if (points.TrueForAll(p => Vector2.DistanceSquared(p, dart) >= apart * apart)) points.Add(dart);
        }
        return points;
    }
}
