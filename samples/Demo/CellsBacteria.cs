using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Bacteria on a smear, told apart by shape and by how they lie together.</summary>
internal static class CellsBacteria
{
    /// <summary>Bacilli: short rods in all directions.</summary>
    public static void Rods(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var (half, width) = (random.Float(0.14f, 0.26f), random.Float(0.045f, 0.075f));
        foreach (var at in random.Scatter(random.Int(12, 36), canvas.Reach, 1.1f * half))
        {
            var axis = random.Direction();
            var length = half * random.Float(0.7f, 1.2f);
            var stain = Tone.Mix(palette.Dark, palette.Growth, random.Float(0, 0.5f));
            canvas.Stamp(at, length + width, p =>
            {
                var local = Tone.Along(p, axis);
                var distance = Tone.Length(new(MathF.Max(0, MathF.Abs(local.X) - length), local.Y)) - width;
                return new(
                    Tone.Mix(stain, palette.Ground, 0.25f * Tone.Step(-0.3f * width, -width, distance)), 0.92f * canvas.Cover(distance));
            });
        }
    }

    /// <summary>Streptococci: balls strung along winding paths.</summary>
    public static void Chains(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var radius = random.Float(0.05f, 0.085f);
        for (var chain = random.Int(4, 9); chain > 0; chain--)
        {
            var at = random.Point(0.85f * canvas.Reach);
            var heading = random.Direction();
            var curl = random.Float(-0.25f, 0.25f);
            var stain = random.Float(0.1f, 0.5f);
            for (var ball = random.Int(7, 15); ball > 0; ball--)
            {
                Smear.Ball(canvas, palette, at, radius * random.Float(0.9f, 1.1f), stain);
                heading = Vector2.Normalize(heading + new Vector2(-heading.Y, heading.X) * (curl + random.Float(-0.25f, 0.25f)));
                at += heading * radius * 1.9f;
            }
        }
    }

    /// <summary>Staphylococci: balls heaped like grapes.</summary>
    public static void Clusters(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var radius = random.Float(0.05f, 0.085f);
        foreach (var heap in random.Scatter(random.Int(5, 9), 0.85f * canvas.Reach, 0.6f))
        {
            var stain = random.Float(0.1f, 0.5f);
            var spread = radius * random.Float(2.6f, 4.4f);
            foreach (var ball in random.Scatter(random.Int(20, 40), spread, 1.6f * radius))
                if (Tone.Length(ball) < spread)
                    Smear.Ball(canvas, palette, heap + ball, radius * random.Float(0.9f, 1.1f), stain);
        }
    }

    /// <summary>Spirochaetes: thin waves of several turns.</summary>
    public static void Spirals(Canvas canvas, Palette palette, ref CounterRandom random)
    {
        Smear.Glass(canvas, palette, ref random);
        var width = random.Float(0.02f, 0.036f);
        foreach (var at in random.Scatter(random.Int(9, 18), canvas.Reach, 0.34f))
        {
            var axis = random.Direction();
            var (half, height, turns) = (random.Float(0.3f, 0.65f), random.Float(0.05f, 0.09f), random.Float(2.6f, 4.2f));
            var (bend, phase) = (random.Float(-0.5f, 0.5f), random.Float(0, 1));
            var stain = Tone.Mix(palette.Dark, palette.Growth, random.Float(0, 0.4f));
            canvas.Stamp(at, 1.2f * half, p =>
            {
                var local = Tone.Along(p, axis);
                var t = local.X * turns + phase;
                var slope = 6.3f * height * turns * Tone.Wave(t + 0.25f) + 2 * bend * local.X;
                var beside = MathF.Abs(local.Y - height * Tone.Wave(t) - bend * local.X * local.X) / MathF.Sqrt(1 + slope * slope);
                return new(stain, 0.95f * canvas.Cover(MathF.Max(beside - width, MathF.Abs(local.X) - half)));
            });
        }
    }
}
