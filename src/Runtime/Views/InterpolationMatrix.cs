using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>The weights of Pillow's antialiased BILINEAR filter (a triangle as wide as the scale, at least one pixel), as dense matrices.</summary>
internal static class InterpolationMatrix
{
    private const float Outside = 1e6f;

    /// <summary>
    /// [n, <paramref name="size"/>, <paramref name="length"/>]: row i holds the weights of the source pixels in view pixel i. Rows sum to
    /// 1 / <paramref name="divisor"/>; pixels from <c>Used</c> on have no weight.
    /// </summary>
    public static Tensor Make(int[] members, Func<int, (AxisMap Map, int Used)> axis, int size, int length, double divisor, Device device)
    {
        // In units of the filter's half-width, so that the triangle is 1 - |source - centre|.
        var centres = new float[members.Length * size];
        var sources = new float[members.Length * length];
        for (var n = 0; n < members.Length; n++)
        {
            var (map, used) = axis(members[n]);
            var support = Math.Max(Math.Abs(map.Step), 1);
            for (var i = 0; i < size; i++) centres[n * size + i] = (float)((map.Start + map.Step * (i + 0.5)) / support);
            for (var j = 0; j < length; j++) sources[n * length + j] = j < used ? (float)((j + 0.5) / support) : Outside;
        }
        // The triangle upside down saves a pass; the division by the (negative) sum turns it up again.
        var weights = tensor(sources, [members.Length, 1, length], device: device)
            .sub(tensor(centres, [members.Length, size, 1], device: device))
            .abs_().sub_(1).clamp_max_(0);
        return weights.div_(weights.sum(2, keepdim: true).mul_(divisor));
    }
}
