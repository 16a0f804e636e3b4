using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Norms;

/// <summary>
/// With the statistics of all images, a few of them at a time and in place of the input, which is a convolution's output that nobody else
/// reads: a walk over a space holds half the maps that way. On a GPU and in other types by plain operations.
/// </summary>
/// <param name="imagesAtOnce">How many; statistics do not depend on it.</param>
/// <remarks>
/// Sums are taken image by image and joined in 64 bits in the order of the images, so that the statistics do not depend on how many are
/// worked on at a time.
/// </remarks>
internal sealed class WalkNorm(int imagesAtOnce) : Norm
{
    /// <summary>Values that are squared at once, in a copy: a part of the cache.</summary>
    private const long SquaredAtOnce = 1 << 20;

    public override Tensor Of(string key, Tensor x, Tensor scale, Tensor shift, Activation activation, Tensor? add) => is_grad_enabled()
        ? OfBatch.Of(key, x, scale, shift, activation, add)
        : FusedNorm.Takes(x)
            ? FusedNorm.InPlace(x, scale, shift, Epsilon, activation, add)
            : base.Of(key, x, scale, shift, activation, add);

    protected override Tensor Normalise(string key, Tensor x, Tensor scale, Tensor shift) =>
        x.dim() == 4 && x.dtype == ScalarType.Float32
            ? InPlace(x, scale, shift)
            : Normalise(x, scale, shift, processes: null);

    /// <summary>[N, C, H, W] -> itself, normalised; scale and shift [C].</summary>
    private Tensor InPlace(Tensor x, Tensor scale, Tensor shift)
    {
        using var scope = NewDisposeScope();
        var positions = (double)(x.shape[0] * x.shape[2] * x.shape[3]);
        var mean = Total(part => part.sum([2L, 3L]), imagesAtOnce) / positions;
        var centre = PerChannel(mean);
        // The squares are those of the centred values: squares of the values themselves would cancel.
        var variance = Total(
            part => part.sub_(centre).square().sum([2L, 3L]), Math.Clamp(SquaredAtOnce * x.shape[0] / x.numel(), 1, imagesAtOnce))
            / positions;
        var (factor, offset) = (PerChannel((variance + Epsilon).rsqrt() * scale), PerChannel(shift));
        foreach (var part in Parts(imagesAtOnce)) part.mul_(factor).add_(offset);
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
