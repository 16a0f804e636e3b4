using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Turns colours on the HSV hexagon without a branch. With M, m the largest and smallest channel and C = M - m, the hue in sixths of the
/// circle is
/// <c>|h| = 1 + (g + b - r - m) / C</c> with the sign of g - b, and a channel centred at hue c is <c>m + C * clamp(| |h - c| - 3 | - 1, 0,
/// 1)</c>.
/// </summary>
internal static class HueShift
{
    /// <summary>A grey pixel has no hue: any value will do, as its chroma is 0.</summary>
    public const float SmallestChroma = 1e-6f;

    /// <summary>Shifts, in place, those of [N, S, 3, S] whose jitter has hue at <paramref name="position"/>.</summary>
    public static void Apply(Tensor views, ReadOnlySpan<ViewDraw> draws, int position)
    {
        var members = Chunks.Where(draws, draw => Array.IndexOf(draw.Order, JitterStep.Hue) == position);
        if (members.Length == 0) return;
        using var scope = NewDisposeScope();
        var index = Staging.Index(members, views.device);
        var some = views.index_select(0, index);
        var (red, green, blue) = (some.narrow(2, 0, 1), some.narrow(2, 1, 1), some.narrow(2, 2, 1));
        var least = red.minimum(green).minimum(blue);
        var chroma = red.maximum(green).maximum(blue).sub_(least);
        var hue = green.add(blue).sub_(red).sub_(least).div_(chroma.clamp_min(SmallestChroma)).add_(1).copysign(green.sub(blue));

        var shifted = hue.add(Offsets(draws, members, views.device)).abs_().sub_(3).abs_().sub_(1).clamp_(0, 1);
        views.index_copy_(0, index, shifted.mul_(chroma).add_(least));
    }

    /// <summary>
    /// A turn, as a share of the circle, less each channel's centre, in sixths within [-3, 3] (so that h plus it stays within [-6, 6]).
    /// </summary>
    public static (float Red, float Green, float Blue) Offsets(double turn)
    {
        return (Less(0), Less(2), Less(4));

        float Less(double centre) => (float)Math.IEEERemainder(6 * turn - centre, 6);
    }

    /// <summary>The offsets of some views, [n, 1, 3, 1].</summary>
    private static Tensor Offsets(ReadOnlySpan<ViewDraw> draws, int[] members, Device device)
    {
        var offsets = new float[3 * members.Length];
        for (var i = 0; i < members.Length; i++)
            (offsets[3 * i], offsets[3 * i + 1], offsets[3 * i + 2]) = Offsets(draws[members[i]].Hue);
        return Staging.Of(offsets, [members.Length, 1, 3, 1], device);
    }
}
