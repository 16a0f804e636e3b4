using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>The colour of the ground at a place of the scene.</summary>
internal delegate Vector3 Shader(Vector2 at);

/// <summary>The ink of a stamp at an offset from its centre.</summary>
internal delegate Ink Brush(Vector2 offset);

/// <summary>A colour and how much of the pixel it covers, 0 to 1.</summary>
internal readonly record struct Ink(Vector3 Colour, float Cover);

/// <summary>
/// A picture being painted, in scene coordinates: the shorter side spans about 2 units round the origin, turned and zoomed at random, so
/// that scenes are written upright and at one scale.
/// </summary>
internal sealed class Canvas
{
    private readonly Vector2 turn;
    private readonly float unit;

    private Canvas(int width, int height, Vector2 turn, float zoom, float blur)
    {
        (Width, Height, this.turn) = (width, height, turn);
        unit = 2 * zoom / Math.Min(width, height);
        Edge = unit * blur;
        Reach = 0.5f * unit * Tone.Length(new(width, height));
        Pixels = new Vector3[width * height];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Rows from the top, display-referred RGB in about [0, 1].</summary>
    public Vector3[] Pixels { get; }

    /// <summary>Width of an anti-aliased edge in scene units: a pixel or two, as sharp as the lens.</summary>
    public float Edge { get; }

    /// <summary>Everything visible lies within this distance of the origin.</summary>
    public float Reach { get; }

    public static Canvas Random(ref CounterRandom random) => new(
        random.Int(64, 96), random.Int(64, 96), random.Direction(), random.Float(0.85f, 1.3f), random.Float(1f, 2f));

    /// <summary>How much of a pixel lies inside a shape, from the signed distance to its outline.</summary>
    public float Cover(float distance) => Tone.Saturate(0.5f - distance / Edge);

    /// <summary>Paints everywhere.</summary>
    public void Fill(Shader shade)
    {
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                Pixels[y * Width + x] = shade(ToScene(x, y));
    }

    /// <summary>
    /// Paints the pixels within <paramref name="reach"/> of <paramref name="centre"/>, and no others: many small things cost little.
    /// </summary>
    public void Stamp(Vector2 centre, float reach, Brush brush)
    {
        var middle = new Vector2(centre.X * turn.X + centre.Y * turn.Y, centre.Y * turn.X - centre.X * turn.Y) / unit
            + 0.5f * new Vector2(Width - 1, Height - 1);
        var extent = (reach + Edge) / unit;
        var (left, right) = (Math.Max(0, (int)(middle.X - extent)), Math.Min(Width - 1, (int)(middle.X + extent + 1)));
        var (top, bottom) = (Math.Max(0, (int)(middle.Y - extent)), Math.Min(Height - 1, (int)(middle.Y + extent + 1)));
        for (var y = top; y <= bottom; y++)
            for (var x = left; x <= right; x++)
            {
                var (colour, cover) = brush(ToScene(x, y) - centre);
                ref var pixel = ref Pixels[y * Width + x];
                if (cover > 0) pixel = Tone.Mix(pixel, colour, cover);
            }
    }

    private Vector2 ToScene(int x, int y)
    {
        var (px, py) = ((x - 0.5f * (Width - 1)) * unit, (y - 0.5f * (Height - 1)) * unit);
        return new(px * turn.X - py * turn.Y, px * turn.Y + py * turn.X);
    }
}
