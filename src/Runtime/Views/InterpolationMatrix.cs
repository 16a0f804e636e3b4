using DataSsl.Kernels;
using DataSsl.Runtime.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>The weights of <see cref="ResizeFilter"/> as dense matrices.</summary>
internal static class InterpolationMatrix
{
    private const float Outside = 1e6f;

    /// <summary>
    /// [n, <paramref name="size"/>, <paramref name="length"/>]: row i holds the weights of the source pixels in view pixel i. Rows sum to
    /// 1 / <paramref name="divisor"/>; pixels from <c>Used</c> on have no weight.
    /// </summary>
    public static Tensor Make(
        int[] members, Func<int, (AxisMap Map, int Used)> axis, int size, int length, double divisor, Interpolation interpolation,
        Device device)
    {
        // A centre is kept as a whole and a rest, so that its distance to a source far from the origin loses no digits in single precision.
        var (wholes, rests) = (new float[members.Length * size], new float[members.Length * size]);
        var sources = new float[members.Length * length];
        var inverses = new float[members.Length];
        for (var n = 0; n < members.Length; n++)
        {
            var (map, used) = axis(members[n]);
            inverses[n] = (float)(1 / Math.Max(Math.Abs(map.Step), 1));
            for (var i = 0; i < size; i++)
            {
                var centre = map.Start + map.Step * (i + 0.5) - 0.5;
                var whole = Math.Floor(centre);
                (wholes[n * size + i], rests[n * size + i]) = ((float)whole, (float)(centre - whole));
            }
            for (var j = 0; j < length; j++) sources[n * length + j] = j < used ? j : Outside;
        }
        var distance = Staging.Of(sources, [members.Length, 1, length], device)
            .sub(Staging.Of(wholes, [members.Length, size, 1], device))
            .sub_(Staging.Of(rests, [members.Length, size, 1], device))
            .mul_(Staging.Of(inverses, [members.Length, 1, 1], device))
            .abs_();
        // The triangle upside down saves a pass; the division by the (negative) sum turns it up again.
        var weights = interpolation == Interpolation.Bicubic ? Cubic(distance.clamp_max_(2)) : distance.sub_(1).clamp_max_(0);
        return weights.div_(weights.sum(2, keepdim: true).mul_(divisor));
    }

    /// <summary>The two branches of the kernel on distances up to 2; the outer one ends there in 0.</summary>
    private static Tensor Cubic(Tensor distance)
    {
        var near = distance.mul(1.5).sub_(2.5).mul_(distance).mul_(distance).add_(1);
        var far = distance.mul(-0.5).add_(2.5).mul_(distance).sub_(4).mul_(distance).add_(2);
        return where(distance.lt(1), near, far);
    }
}
