using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Farmland from above.</summary>
internal static class AerialFields
{
    private readonly record struct Parcel(Vector2 Across, float Rows, float Contrast, Vector3 Crop, Vector3 Soil);

    /// <summary>Two parcels of sown rows with a grass strip between them.</summary>
    public static void Rows(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var (first, second) = (Sow(palette, ref random), Sow(palette, ref random));
        var border = random.Direction();
        var offset = random.Float(-0.8f, 0.8f);
        var strip = random.Float(0.03f, 0.09f);
        canvas.Fill(p =>
        {
            var side = Tone.Dot(p, border) - offset + 0.05f * noise.At(p * 2);
            var (across, rows, contrast, crop, soil) = side < 0 ? first : second;
            var drift = noise.Fractal(p * 1.5f, 3);
            var row = 0.5f + 0.5f * Tone.Wave(Tone.Dot(p, across) * rows + 0.25f * drift);
            var stand = Tone.Saturate(0.85f + 0.9f * drift);
            var colour = Tone.Mix(soil, crop, contrast * row * stand + 0.2f * drift) * (1 + 0.1f * noise.At(p * 14));
            return Tone.Mix(colour, palette.Growth * (0.75f + 0.5f * noise.At(p * 8)), canvas.Cover(MathF.Abs(side) - strip));
        });
    }

    /// <summary>Round fields under centre-pivot irrigation, on their square grid.</summary>
    public static void Pivots(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        canvas.Fill(p => Tone.Mix(palette.Ground, palette.Pale, 0.35f + 0.5f * noise.Fractal(p * 2.5f, 4)));

        var pitch = random.Float(0.75f, 1.35f);
        var shift = random.Point(0.5f * pitch);
        var steps = (int)(canvas.Reach / pitch) + 1;
        for (var row = -steps; row <= steps; row++)
            for (var column = -steps; column <= steps; column++)
            {
                if (random.Chance(0.1)) continue;
                var radius = pitch * random.Float(0.4f, 0.49f);
                var tone = Tone.Mix(palette.Growth, palette.Dark, random.Float(0, 0.6f));
                var fallow = Tone.Mix(palette.Growth, palette.Pale, random.Float(0.2f, 0.8f));
                var (sector, opening) = (random.Direction(), random.Float(-1.1f, 0.6f));
                var tracks = random.Float(5, 9) / pitch;
                canvas.Stamp(new Vector2(column, row) * pitch + shift, radius, p =>
                {
                    var r = Tone.Length(p);
                    var cut = canvas.Cover(opening * r - Tone.Dot(p, sector) + 0.001f);
                    var colour = Tone.Mix(tone, fallow, opening > 0 ? cut : 0) * (1 + 0.1f * Tone.Wave(r * tracks)
                        + 0.15f * noise.At(p * 7));
                    return new(colour, canvas.Cover(r - radius));
                });
            }
    }

    private static Parcel Sow(Palette palette, ref CounterRandom random)
    {
        var crop = Tone.Mix(palette.Growth, palette.Dark, random.Float(0, 0.5f));
        var soil = Tone.Mix(palette.Ground, palette.Pale, random.Float(0, 0.6f));
        return new(random.Direction(), random.Float(3.5f, 7.5f), random.Float(0.6f, 1f), crop, soil);
    }
}
