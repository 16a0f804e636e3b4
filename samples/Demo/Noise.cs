using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataSsl.Demo;

/// <summary>Gradient and cellular noise over the plane; a value is a pure function of seed and place.</summary>
internal readonly struct Noise(uint seed)
{
    private const float Diagonal = 0.70710678f;

    /// <summary>Perlin's gradient noise, about [-1, 1], features one unit wide.</summary>
    public float At(Vector2 p)
    {
        var fx = MathF.Floor(p.X);
        var fy = MathF.Floor(p.Y);
        var (x, y) = ((int)fx, (int)fy);
        var (u, v) = (p.X - fx, p.Y - fy);
        var (su, sv) = (Fade(u), Fade(v));
        var top = Tone.Mix(Slope(Hash(x, y), u, v), Slope(Hash(x + 1, y), u - 1, v), su);
        var bottom = Tone.Mix(Slope(Hash(x, y + 1), u, v - 1), Slope(Hash(x + 1, y + 1), u - 1, v - 1), su);
        return 1.4f * Tone.Mix(top, bottom, sv);
    }

    /// <summary>Octaves of <see cref="At"/>, each twice as fine and half as strong.</summary>
    public float Fractal(Vector2 p, int octaves)
    {
        var sum = 0f;
        for (var (octave, strength) = (0, 0.5f); octave < octaves; octave++, strength *= 0.5f)
        {
            sum += strength * At(p);
            // Shifted as well as doubled: lattice points of the octaves must not coincide.
            p = p * 2 + new Vector2(17.3f, 9.1f);
        }
        return sum;
    }

    /// <summary>Worley's cellular noise: the offset from the nearest feature point, and a number in [0, 1) of the cell.</summary>
    public (Vector2 Offset, float Cell) Cells(Vector2 p)
    {
        var (x, y) = ((int)MathF.Floor(p.X), (int)MathF.Floor(p.Y));
        var nearest = float.MaxValue;
        var offset = Vector2.Zero;
        uint cell = 0;
        for (var j = y - 1; j <= y + 1; j++)
            for (var i = x - 1; i <= x + 1; i++)
            {
                var hash = Hash(i, j);
                var to = p - new Vector2(i + (hash & 0xFFFF) / 65536f, j + (hash >> 16) / 65536f);
                var distance = to.X * to.X + to.Y * to.Y;
                if (distance < nearest) (nearest, offset, cell) = (distance, to, hash);
            }
        return (offset, (cell * 2654435769u >> 8) / 16777216f);
    }

    /// <summary>32 well-mixed bits of a lattice point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Hash(int x, int y)
    {
        var h = seed ^ (uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u;
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return h ^ (h >> 15);
    }

    private static float Fade(float t) => t * t * t * (t * (t * 6 - 15) + 10);

    /// <summary>The dot product with one of eight unit gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Slope(uint hash, float u, float v)
    {
        var (a, b) = (hash & 4) == 0 ? (u, v) : ((u + v) * Diagonal, (u - v) * Diagonal);
        return (hash & 2) == 0 ? ((hash & 1) == 0 ? a : -a) : ((hash & 1) == 0 ? b : -b);
    }
}
