using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Blood cells on a smear.</summary>
internal static class CellsBlood
{
    /// <summary>Healthy red cells: biconcave, so pale in the middle.</summary>
    public static void Discs(Canvas canvas, Palette palette, ref CounterRandom random) =>
        Rounds(canvas, palette, r => Tone.Mix(0.3f, 0.95f, Tone.Step(0.15f, 0.7f, r)), ref random);

    /// <summary>Target cells: rim, clear ring, dark centre.</summary>
    public static void Targets(Canvas canvas, Palette palette, ref CounterRandom random) =>
        Rounds(
            canvas, palette,
            r => r < 0.5f ? Tone.Mix(0.2f, 1f, Tone.Step(0.5f, 0.2f, r)) : Tone.Mix(0.2f, 0.95f, Tone.Step(0.55f, 0.85f, r)), ref random);

    /// <summary>Sickled red cells: bent spindles with pointed ends.</summary>
    public static void Sickles(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var size = random.Float(0.28f, 0.42f);
        foreach (var at in random.Scatter(random.Int(8, 18), canvas.Reach, 1.05f * size))
        {
            var axis = random.Direction();
            var (length, width, bend) = (size * random.Float(0.85f, 1.15f), size * random.Float(0.24f, 0.36f),
                random.Float(0.35f, 0.75f) / size);
            var stain = Tone.Mix(palette.Growth, palette.Dark, random.Float(0.05f, 0.4f));
            canvas.Stamp(at, 1.2f * length, p =>
            {
                var local = Tone.Along(p, axis);
                var middle = bend * (local.X * local.X - 0.4f * length * length);
                var t = local.X / length;
                var inside = MathF.Abs(local.Y - middle) - width * (1 - t * t);
                // The distance is measured straight up; the spine's slope shortens it.
                var slope = 2 * bend * local.X;
                return new(stain, 0.92f * canvas.Cover(inside / MathF.Sqrt(1 + slope * slope)));
            });
        }
    }

    /// <summary>A granulocyte or two, with lobed nucleus and granules, among red cells.</summary>
    public static void Lobed(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var size = random.Float(0.42f, 0.56f);
        var whites = random.Scatter(random.Int(1, 2), 0.7f, 2.1f * size);
        foreach (var at in random.Scatter(random.Int(2, 10), canvas.Reach, 0.6f))
            if (whites.TrueForAll(w => Vector2.Distance(w, at) > size + 0.25f))
                Smear.Round(
                    canvas, palette, at, random.Float(0.2f, 0.28f), r => Tone.Mix(0.3f, 0.8f, Tone.Step(0.2f, 0.8f, r)), ref random);
        foreach (var at in whites) White(canvas, palette, at, size, ref random);
    }

    private static void Rounds(Canvas canvas, Palette palette, Func<float, float> profile, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var size = random.Float(0.22f, 0.36f);
        var apart = size * random.Float(1.7f, 2.4f);
        foreach (var at in random.Scatter(random.Int(9, 26), canvas.Reach, apart))
            Smear.Round(canvas, palette, at, size * random.Float(0.88f, 1.12f), profile, ref random);
    }

    private static void White(Canvas canvas, Palette palette, Vector2 at, float size, ref CounterRandom random)
    {
        var noise = random.Noise();
        var lobes = new Vector2[random.Int(2, 4)];
        var heading = random.Direction();
        var place = -heading * size * 0.5f;
        for (var i = 0; i < lobes.Length; i++)
        {
            lobes[i] = place;
            heading = Vector2.Normalize(heading + 0.8f * random.Direction());
            place += heading * size * 0.5f;
        }
        var lobe = size * random.Float(0.24f, 0.31f);
        canvas.Stamp(at, 1.15f * size, p =>
        {
            var body = Tone.Length(p) - size * (1 + 0.09f * noise.At(p * 2));
            var field = 0f;
            // Metaballs: near lobes join by a thin bridge, as they do.
            foreach (var centre in lobes) field += lobe * lobe / (Vector2.DistanceSquared(p, centre) + 0.2f * lobe * lobe);
            var granules = 0.35f + 0.5f * noise.At(p * 13);
            var plasma = Tone.Mix(palette.Ground, palette.Growth, Tone.Saturate(granules));
            return new(
                Tone.Mix(plasma, Tone.Mix(palette.Dark, palette.Growth, 0.22f + 0.2f * noise.At(p * 6)), Tone.Step(1.05f, 1.3f, field)),
                canvas.Cover(body));
        });
    }
}
