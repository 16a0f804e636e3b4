using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>What people build, from above.</summary>
internal static class AerialBuilt
{
    // Tile, slate, sheet metal, bitumen.
    private static readonly Vector3[] RoofTints =
    [
        new(1.25f, 0.8f, 0.65f), new(0.75f, 0.8f, 0.9f), new(1.35f, 1.35f, 1.3f), new(0.6f, 0.58f, 0.56f),
    ];

    /// <summary>A marked road, bending a little, sometimes with a crossing, and cars on it.</summary>
    public static void Road(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var (half, bend, offset) = (random.Float(0.16f, 0.3f), random.Float(-0.22f, 0.22f), random.Float(-0.4f, 0.4f));
        var crossing = random.Chance(0.35) ? random.Float(-0.7f, 0.7f) : float.PositiveInfinity;
        var asphalt = Tone.Mix(palette.Dark, new(0.45f), random.Float(0.35f, 0.8f));
        var dashes = random.Float(2.5f, 4.5f);
        canvas.Fill(p =>
        {
            var bush = noise.Fractal(p * 3, 4);
            var land = Tone.Mix(palette.Ground, palette.Growth, 0.5f + bush) * (1 + 0.5f * bush);
            var along = p.Y - offset - bend * p.X * p.X;
            var across = MathF.Abs(along);
            var side = MathF.Abs(p.X - crossing) - 0.7f * half;
            var road = canvas.Cover(MathF.Min(across - half, side));
            var colour = Tone.Mix(land, palette.Pale, 0.6f * canvas.Cover(across - half - 0.06f));
            colour = Tone.Mix(colour, asphalt * (1 + 0.12f * noise.At(new(p.X * 3, along * 12))), road);
            var line = MathF.Min(MathF.Abs(across - 0.86f * half) - 0.012f, MathF.Max(across - 0.016f, 0.04f * Tone.Wave(p.X * dashes)));
            return Tone.Mix(colour, new(0.9f), side > 0 ? 0.85f * canvas.Cover(line) : 0);
        });

        for (var car = random.Int(0, 4); car > 0; car--)
        {
            var x = random.Float(-1.2f, 1.2f);
            var lane = random.Chance(0.5) ? 0.45f : -0.45f;
            var at = new Vector2(x, offset + bend * x * x + lane * half);
            var paint = new Vector3(random.Float(0.1f, 0.95f)) * RoofTints[random.Below(RoofTints.Length)];
            Block(canvas, at + palette.Sun * -0.03f, new(1, 2 * bend * x), new(0.1f, 0.05f), _ => palette.Dark * 0.6f);
            Block(canvas, at, new(1, 2 * bend * x), new(0.09f, 0.042f), p => paint * (MathF.Abs(p.X + 0.01f) < 0.035f ? 0.6f : 1));
        }
    }

    /// <summary>Houses in rows: ridged roofs, one slope lit, shadows on the gardens.</summary>
    public static void Roofs(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var pitch = new Vector2(random.Float(0.5f, 0.75f), random.Float(0.55f, 0.85f));
        var street = random.Float(0.06f, 0.12f);
        canvas.Fill(p =>
        {
            var garden = noise.Fractal(p * 4, 3);
            var t = p.Y / (2 * pitch.Y);
            var lane = (MathF.Abs(t - MathF.Floor(t) - 0.5f) * 2 * pitch.Y) - street;
            return Tone.Mix(
                Tone.Mix(palette.Ground, palette.Growth, 0.5f + garden) * (1 + 0.5f * garden), palette.Pale * 0.8f, canvas.Cover(lane));
        });

        var (columns, rows) = ((int)(canvas.Reach / pitch.X) + 1, (int)(canvas.Reach / pitch.Y) + 1);
        for (var row = -rows; row <= rows; row++)
            for (var column = -columns; column <= columns; column++)
            {
                if (random.Chance(0.08)) continue;
                var at = new Vector2(column, row + 0.5f) * pitch + random.Point(0.04f);
                var half = new Vector2(random.Float(0.26f, 0.4f) * pitch.X, random.Float(0.2f, 0.32f) * pitch.Y);
                var axis = new Vector2(1, random.Float(-0.06f, 0.06f));
                var tint = (palette.Ground * 0.5f
                    + new Vector3(0.22f)) * RoofTints[random.Below(RoofTints.Length)] * random.Float(0.85f, 1.15f);
                var slope = 0.35f * palette.Sun.Y;
                Block(canvas, at - palette.Sun * 0.1f, axis, half, _ => palette.Dark * 0.7f);
                Block(canvas, at, axis, half, p => tint * (p.Y > 0 ? 1 + slope : 1 - slope));
                if (random.Chance(0.4))
                    Block(canvas, at + half * new Vector2(0.4f, -0.4f), axis, new(0.035f, 0.03f), _ => palette.Dark);
            }
    }

    /// <summary>An axis-aligned box in the frame of <paramref name="axis"/>, which need not be of unit length.</summary>
    private static void Block(Canvas canvas, Vector2 centre, Vector2 axis, Vector2 half, Shader shade)
    {
        axis /= Tone.Length(axis);
        canvas.Stamp(centre, Tone.Length(half), p =>
        {
            var local = Tone.Along(p, axis);
            return new(shade(local), canvas.Cover(MathF.Max(MathF.Abs(local.X) - half.X, MathF.Abs(local.Y) - half.Y)));
        });
    }
}
