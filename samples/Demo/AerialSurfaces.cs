using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Bare surfaces from above: open water and sand.</summary>
internal static class AerialSurfaces
{
    /// <summary>Short crossing ripples on a slow swell, with glints where they face the sun.</summary>
    public static void Water(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var fine = random.Float(4.5f, 8.5f);
        var stretch = random.Float(2f, 3.5f);
        var crossing = random.Direction();
        var glint = random.Float(0.32f, 0.55f);
        var depth = Tone.Mix(palette.Ground, new(0.2f, 0.33f, 0.42f), random.Float(0.2f, 0.7f));
        canvas.Fill(p =>
        {
            var swell = noise.Fractal(p * 1.1f, 2);
            var main = noise.At(new(p.X * fine / stretch + swell, p.Y * fine));
            var cross = noise.At(Tone.Along(p, crossing) * new Vector2(fine * 0.5f, fine * 1.4f));
            var height = 0.65f * main + 0.35f * cross;
            var colour = depth * (1 + 0.42f * height + 0.3f * swell);
            return Tone.Mix(colour, palette.Pale, 0.8f * Tone.Step(glint, glint + 0.3f, height));
        });
    }

    /// <summary>Long ridges, slow to windward and steep to leeward, that fork and fade.</summary>
    public static void Dunes(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var ridges = random.Float(1.6f, 3.4f);
        var bend = random.Float(0.5f, 1.1f);
        var steep = random.Float(0.68f, 0.85f);
        var relief = random.Float(0.35f, 0.6f);
        canvas.Fill(p =>
        {
            var warp = bend * noise.Fractal(p * 0.9f, 3);
            var phase = p.Y * ridges + 2 * warp;
            var t = phase - MathF.Floor(phase);
            // The windward slope brightens up to the crest; the slip face behind it lies in shadow.
            var (windward, lee) = (Tone.Mix(-0.15f, 0.55f, t / steep), Tone.Mix(-1f, -0.15f, (t - steep) / (1 - steep)));
            var light = Tone.Mix(windward, lee, canvas.Cover((steep - t) / ridges));
            light *= relief * (0.75f + 0.5f * noise.At(p * 1.3f));
            var grain = 0.07f * noise.Fractal(new(p.X * 5, p.Y * 16), 2);
            return light > 0
                ? Tone.Mix(palette.Ground, palette.Pale, light) * (1 + grain)
                : Tone.Mix(palette.Ground, palette.Dark, -light) * (1 + grain);
        });
    }
}
