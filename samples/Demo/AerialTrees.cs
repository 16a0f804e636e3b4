using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Trees from above.</summary>
internal static class AerialTrees
{
    /// <summary>A closed canopy: crowns of all sizes, lit from one side, dark gaps between them.</summary>
    public static void Forest(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var crowns = random.Float(2.8f, 5f);
        var mixed = random.Float(0.2f, 0.6f);
        canvas.Fill(p =>
        {
            var leaves = new Vector2(noise.At(p * (crowns * 2.6f)), noise.At(p * (crowns * 2.6f) + new Vector2(31)));
            var (offset, cell) = noise.Cells(p * crowns + 0.22f * leaves);
            // A crown is a dome: bright on top and toward the sun, and the taller (by cell) stand out of the shade of the others.
            var dome = 1 - 1.3f * (offset.X * offset.X + offset.Y * offset.Y);
            var light = 0.75f * dome + 0.6f * Tone.Dot(offset, palette.Sun) + 0.22f * leaves.X + 0.5f * (cell - 0.5f);
            var crown = Tone.Mix(palette.Growth, palette.Ground, mixed * cell);
            return Tone.Mix(palette.Dark * 0.8f, crown * 1.25f, Tone.Step(-0.25f, 1.15f, light));
        });
    }

    /// <summary>Single trees in straight rows, each with its shadow on mown grass.</summary>
    public static void Orchard(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        canvas.Fill(p => Tone.Mix(palette.Ground, palette.Pale, 0.3f + 0.5f * noise.Fractal(p * 3, 3)));

        var pitch = new Vector2(random.Float(0.3f, 0.46f), random.Float(0.34f, 0.56f));
        var size = random.Float(0.3f, 0.42f) * pitch.X;
        var shadow = -palette.Sun * size * random.Float(0.5f, 1.1f);
        var (columns, rows) = ((int)(canvas.Reach / pitch.X) + 1, (int)(canvas.Reach / pitch.Y) + 1);
        for (var row = -rows; row <= rows; row++)
            for (var column = -columns; column <= columns; column++)
            {
                var radius = size * random.Float(0.8f, 1.15f);
                var at = new Vector2(column, row) * pitch + random.Point(0.025f);
                var tint = random.Float(0.8f, 1.1f);
                if (random.Chance(0.05)) continue;
                canvas.Stamp(at + shadow, radius, p => new(palette.Dark, 0.75f * canvas.Cover(Tone.Length(p) - radius)));
                canvas.Stamp(at, 1.3f * radius, p =>
                {
                    var leaves = noise.At((at + p) * 9);
                    var light = Tone.Dot(p, palette.Sun) / radius;
                    return new(
                        palette.Growth * (tint * (0.85f + 0.3f * light + 0.2f * leaves)),
                        canvas.Cover(Tone.Length(p) - radius * (1 + 0.2f * leaves)));
                });
            }
    }
}
