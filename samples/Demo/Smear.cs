using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>What all smears share: the glass, the small round body and the red cell.</summary>
internal static class Smear
{
    /// <summary>
    /// Glass with an uneven film of plasma, dust, and at times a few faint red cells out of focus: none of it tells the class.
    /// </summary>
    public static void Glass(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        var noise = random.Noise();
        var film = random.Float(0.05f, 0.2f);
        canvas.Fill(p => Tone.Mix(palette.Ground, palette.Growth, film * (0.4f + noise.Fractal(p * 1.6f, 3))));
        for (var ghosts = random.Int(0, 3); ghosts > 0; ghosts--)
        {
            var (at, radius, faint) = (random.Point(canvas.Reach), random.Float(0.2f, 0.34f), random.Float(0.12f, 0.3f));
            canvas.Stamp(at, radius + 0.06f, p => new(palette.Growth, faint * Tone.Step(radius + 0.05f, radius - 0.05f, Tone.Length(p))));
        }
        for (var dust = random.Int(0, 8); dust > 0; dust--)
        {
            var (at, radius) = (random.Point(canvas.Reach), random.Float(0.01f, 0.035f));
            canvas.Stamp(at, radius, p => new(palette.Dark, 0.6f * canvas.Cover(Tone.Length(p) - radius)));
        }
    }

    /// <summary>A coccus: a small ball, lit from one side.</summary>
    public static void Ball(Canvas canvas, Palette palette, Vector2 at, float radius, float stain) =>
        canvas.Stamp(at, radius, p =>
        {
            var light = Tone.Dot(p, palette.Sun) / radius;
            return new(Tone.Mix(palette.Dark, palette.Growth, stain + 0.3f * light), 0.92f * canvas.Cover(Tone.Length(p) - radius));
        });

    /// <summary>
    /// A round cell, slightly out of round, whose stain varies from centre (0) to rim (1) as <paramref name="profile"/> says.
    /// </summary>
    public static void Round(Canvas canvas, Palette palette, Vector2 at, float radius, Func<float, float> profile, ref CounterRandom random)
    {
        var axis = random.Direction();
        var squeeze = random.Float(1f, 1.22f);
        var stain = Tone.Mix(palette.Growth, palette.Ground, random.Float(0f, 0.2f));
        canvas.Stamp(at, radius * squeeze, p =>
        {
            var local = Tone.Along(p, axis);
            var r = Tone.Length(new(local.X / squeeze, local.Y * squeeze));
            return new(stain, canvas.Cover(r - radius) * profile(Tone.Saturate(r / radius)));
        });
    }
}
