using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// A Gaussian blur along both axes as two matrix products with each image's own [S, S] kernel matrix; edges are replicated.
/// </summary>
/// <remarks>Pillow's GaussianBlur approximates the same standard deviation by three box blurs.</remarks>
internal static class GaussianBlur
{
    private const double CutOff = 4;  // standard deviations

    /// <summary>
    /// Smaller weights, beside a largest one of 1, count as none: a hair above the weight at the cut, so that a distance of exactly that is
    /// out in any precision.
    /// </summary>
    public static readonly double SmallestWeight = Math.Exp(-0.5 * CutOff * CutOff) * (1 + 1e-5);

    /// <summary>Blurs some of [N, S, C, S] in place.</summary>
    /// <param name="views">The views.</param>
    /// <param name="draws">Their standard deviations.</param>
    /// <param name="largest">The largest standard deviation that the recipe can draw.</param>
    public static void Apply(Tensor views, ReadOnlySpan<ViewDraw> draws, double largest)
    {
        var members = Chunks.Where(draws, draw => draw.BlurSigma > 0);
        if (members.Length == 0) return;
        using var scope = NewDisposeScope();
        var (n, size, channels) = (members.Length, views.shape[1], views.shape[2]);
        var index = Staging.Index(members, views.device);
        var kernel = Kernel(draws, members, size, (long)Math.Ceiling(CutOff * largest), views.device);
        var down = bmm(kernel, views.index_select(0, index).view(n, size, channels * size));
        var both = bmm(down.view(n, size * channels, size), kernel.transpose(1, 2));
        views.index_copy_(0, index, both.view(n, size, channels, size));
    }

    /// <summary>[n, S, S]: row i weighs the pixels around i; the weights that fall off an edge are the edge pixel's.</summary>
    private static Tensor Kernel(ReadOnlySpan<ViewDraw> draws, int[] members, long size, long margin, Device device)
    {
        var exponents = new float[members.Length];
        for (var i = 0; i < exponents.Length; i++) exponents[i] = (float)(-0.5 / Math.Pow(draws[members[i]].BlurSigma, 2));

        var from = arange(-margin, size + margin, dtype: ScalarType.Float32, device: device);
        var to = arange(0, size, dtype: ScalarType.Float32, device: device);
        var distance = from.unsqueeze(0).sub(to.unsqueeze(1)).square();
        // The cut also keeps denormal weights, which are slow to multiply with, out of the matrix.
        var weights = distance.mul(Staging.Of(exponents, [members.Length, 1, 1], device)).exp_().threshold_(SmallestWeight, 0);
        weights.div_(weights.sum(2, keepdim: true));

        var inside = weights.narrow(2, margin, size);
        inside.narrow(2, 0, 1).add_(weights.narrow(2, 0, margin).sum(2, keepdim: true));
        inside.narrow(2, size - 1, 1).add_(weights.narrow(2, margin + size, margin).sum(2, keepdim: true));
        return inside;
    }
}
