using System.Numerics;

namespace DataSsl.Demo;

/// <summary>
/// Small arithmetic of painting. Only operations that IEEE 754 rounds exactly, and no fused ones
/// (<see cref="Vector3.Lerp(Vector3, Vector3, float)"/> fuses where the processor can), so that every machine paints the same bytes.
/// </summary>
internal static class Tone
{
    public static Vector3 Mix(Vector3 from, Vector3 to, float amount) => from + (to - from) * amount;

    public static float Mix(float from, float to, float amount) => from + (to - from) * amount;

    public static float Saturate(float x) => Math.Clamp(x, 0f, 1f);

    /// <summary>0 below <paramref name="low"/>, 1 above <paramref name="high"/>, smooth between.</summary>
    public static float Step(float low, float high, float x)
    {
        var t = Saturate((x - low) / (high - low));
        return t * t * (3 - 2 * t);
    }

    /// <summary>A sine-like wave of period 1 in [-1, 1], from two parabolas.</summary>
    public static float Wave(float x)
    {
        var t = x - MathF.Floor(x);
        return t < 0.5f ? 16 * t * (0.5f - t) : -16 * (t - 0.5f) * (1 - t);
    }

    public static float Dot(Vector2 a, Vector2 b) => a.X * b.X + a.Y * b.Y;

    public static float Length(Vector2 a) => MathF.Sqrt(a.X * a.X + a.Y * a.Y);

    /// <summary>The component of <paramref name="p"/> along <paramref name="axis"/> and across it.</summary>
    public static Vector2 Along(Vector2 p, Vector2 axis) => new(p.X * axis.X + p.Y * axis.Y, p.Y * axis.X - p.X * axis.Y);
}
