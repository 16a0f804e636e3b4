using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>The colours of one picture, and the light.</summary>
/// <param name="Ground">What everything lies on.</param>
/// <param name="Growth">Vegetation; in a smear, the stain of what is alive.</param>
/// <param name="Dark">Shadow and gaps; in a smear, the stain of nuclei.</param>
/// <param name="Pale">Bare soil, concrete, glints; in a smear, clear glass.</param>
/// <param name="Sun">Unit vector toward the light, in the scene.</param>
/// <param name="Exposure">Mean colour of the finished picture.</param>
internal sealed record Palette(Vector3 Ground, Vector3 Growth, Vector3 Dark, Vector3 Pale, Vector2 Sun, Vector3 Exposure)
{
    // Meadow, dry grass, loam, wet slate, teal, haze: seasons and soils that any class may be seen in.
    private static readonly Vector3[] Lands =
    [
        new(0.34f, 0.41f, 0.23f), new(0.53f, 0.47f, 0.31f), new(0.44f, 0.35f, 0.27f),
        new(0.36f, 0.40f, 0.44f), new(0.29f, 0.40f, 0.38f), new(0.56f, 0.56f, 0.54f),
    ];

    // Eosin pink, Giemsa violet, methylene blue, unstained grey-green.
    private static readonly Vector3[] Stains =
    [
        new(0.78f, 0.42f, 0.48f), new(0.56f, 0.38f, 0.64f), new(0.36f, 0.45f, 0.70f), new(0.52f, 0.56f, 0.50f),
    ];

    /// <summary>Colours of a landscape from above.</summary>
    public static Palette Land(ref CounterRandom random)
    {
        var land = Blend(Lands, ref random);
        var green = new Vector3(random.Float(0.66f, 0.9f), random.Float(0.88f, 1.05f), random.Float(0.55f, 0.8f));
        return new(
            Ground: land,
            Growth: land * green,
            Dark: land * new Vector3(0.38f, 0.42f, 0.5f),
            Pale: Tone.Mix(land, new(0.85f, 0.83f, 0.78f), random.Float(0.45f, 0.75f)),
            Sun: random.Direction(),
            // A third overgrown, whatever the scene: a compromise keeps bare ground from turning purple and forest from turning grey.
            Exposure: land * Tone.Mix(new(1), green, 0.35f) * random.Float(0.9f, 1.1f));
    }

    /// <summary>Colours of a stained smear under the microscope.</summary>
    public static Palette Smear(ref CounterRandom random)
    {
        var stain = Blend(Stains, ref random);
        var glass = Tone.Mix(new(0.93f, 0.91f, 0.90f), stain, random.Float(0.04f, 0.18f));
        return new(
            Ground: glass,
            Growth: stain,
            Dark: stain * new Vector3(0.55f, 0.5f, 0.72f),
            Pale: Tone.Mix(glass, new(1f), 0.5f),
            Sun: random.Direction(),
            Exposure: Tone.Mix(glass, stain, random.Float(0.16f, 0.3f)) * random.Float(0.92f, 1.04f));
    }

    private static Vector3 Blend(Vector3[] anchors, ref CounterRandom random)
    {
        var (first, second) = (anchors[random.Below(anchors.Length)], anchors[random.Below(anchors.Length)]);
        return Tone.Mix(first, second, random.Float(0, 1));
    }
}
