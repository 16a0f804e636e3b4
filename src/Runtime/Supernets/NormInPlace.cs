using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// BatchNorm with the statistics of all images, a few of them at a time and in place of its input, which is a convolution's output that
/// nobody else reads: a walk over a space holds half the maps that way. For the maps that FusedNorm does not take: those on a GPU.
/// </summary>
/// <remarks>
/// Sums are taken image by image and joined in 64 bits in the order of the images, so that the statistics do not depend on how many are
/// worked on at a time.
/// </remarks>
internal static class NormInPlace
{
    /// <summary>Values that are squared at once, in a copy: a part of the cache.</summary>
    private const long SquaredAtOnce = 1 << 20;

    /// <summary>[N, C, H, W] -> itself, normalised; scale and shift [C].</summary>
    public static Tensor Of(Tensor x, Tensor scale, Tensor shift, int atOnce)
    {
        using var scope = NewDisposeScope();
        var positions = (double)(x.shape[0] * x.shape[2] * x.shape[3]);
        var mean = Total(part => part.sum([2L, 3L]), atOnce) / positions;
        var centre = PerChannel(mean);
        // The squares are those of the centred values: squares of the values themselves would cancel.
        var variance = Total(
            part => part.sub_(centre).square().sum([2L, 3L]), Math.Clamp(SquaredAtOnce * x.shape[0] / x.numel(), 1, atOnce)) / positions;
        var (factor, offset) = (PerChannel((variance + SlicedBatchNorm2d.Epsilon).rsqrt() * scale), PerChannel(shift));
        foreach (var part in Parts(atOnce)) part.mul_(factor).add_(offset);
        return x;

        // [N, C] of each image -> [C].
        Tensor Total(Func<Tensor, Tensor> sums, long images) =>
            cat([.. Parts(images).Select(part => Sums(part, sums))]).sum(dim: 0, type: ScalarType.Float64);

        static Tensor Sums(Tensor part, Func<Tensor, Tensor> sums)
        {
            using var inner = NewDisposeScope();
            return sums(part).MoveToOuterDisposeScope();
        }

        IEnumerable<Tensor> Parts(long images)
        {
            for (var start = 0L; start < x.shape[0]; start += images) yield return x.narrow(0, start, Math.Min(images, x.shape[0] - start));
        }

        static Tensor PerChannel(Tensor values) => values.to(ScalarType.Float32).view(1, -1, 1, 1);
    }
}
