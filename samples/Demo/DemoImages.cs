using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Demo;

/// <summary>
/// Paints the demo's pictures: a pure function of domain, class and index, so that the set needs no download and no two machines disagree
/// about it.
/// </summary>
public static class DemoImages
{
    private const ulong Seed = 2022;

    /// <summary>Paints one picture, 64 to 96 pixels a side.</summary>
    /// <param name="domain">A name of <see cref="DemoSet.Domains"/>.</param>
    /// <param name="label">A class of that domain.</param>
    /// <param name="index">Which picture of the class; any number from 0.</param>
    /// <exception cref="ArgumentException">The domain or the class does not exist.</exception>
    public static Image Render(string domain, string label, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var place = DemoDomain.Find(domain);
        var paint = place.SceneOf(label);

        // What the weather and the camera do is drawn from a stream that does not know the class: nothing in it can give the class away.
        var conditions = CounterRandom.For(Seed, $"demo/{domain}/{label}/conditions", index);
        var canvas = Canvas.Random(ref conditions);
        var palette = place.PaletteOf(ref conditions);

        var scene = CounterRandom.For(Seed, $"demo/{domain}/{label}/scene", index);
        paint(canvas, palette, ref scene);
        return Camera.Expose(canvas, palette.Exposure, ref conditions);
    }
}
