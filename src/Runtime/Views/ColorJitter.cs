using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Brightness, contrast, saturation and hue, each image in its own order. Three rounds of blends serve the whole batch at once, because
/// every blend is <c>f * image + (1 - f) * (a * grey + m * mean)</c> with a, m in {0, 1}; hue goes in before the round that each image has
/// it at.
/// </summary>
internal static class ColorJitter
{
    private const int Rounds = 3;

    /// <summary>Jitters [N, S, C, S] in place, of three channels or, whose colours have no hue, of one; values stay in [0, 1].</summary>
    public static void Apply(Tensor views, ReadOnlySpan<ViewDraw> draws)
    {
        for (var round = 0; round < Rounds; round++)
        {
            Turn(views, draws, round);
            Blend(views, draws, round);
        }
        Turn(views, draws, Rounds);
    }

    private static void Turn(Tensor views, ReadOnlySpan<ViewDraw> draws, int position)
    {
        if (views.shape[2] == 3) HueShift.Apply(views, draws, position);
    }

    private static void Blend(Tensor views, ReadOnlySpan<ViewDraw> draws, int round)
    {
        // Shares of the image, its grey and its mean grey. An image that is not jittered has (1, 0, 0), which leaves it as it is, bit for
        // bit.
        var shares = new float[3 * draws.Length];
        for (var i = 0; i < draws.Length; i++)
        {
            shares[i] = 1;
            if (draws[i].Order.Length == 0) continue;
            var step = draws[i].Order.Where(step => step != JitterStep.Hue).ElementAt(round);
            var factor = (float)draws[i].Factors[(int)step];
            shares[i] = factor;
            if (step == JitterStep.Saturation) shares[draws.Length + i] = 1 - factor;
            if (step == JitterStep.Contrast) shares[2 * draws.Length + i] = 1 - factor;
        }
        using var scope = NewDisposeScope();
        var share = Staging.Of(shares, [3, draws.Length, 1, 1, 1], views.device);
        var gray = Luma.Of(views);
        // One axis at a time: the order of summation then does not depend on the number of images.
        var mean = gray.sum(3, keepdim: true).sum(1, keepdim: true).div_(gray.shape[1] * gray.shape[3]).mul_(share.select(0, 2));
        views.mul_(share.select(0, 0)).add_(gray.mul_(share.select(0, 1)).add_(mean)).clamp_(0, 1);
    }
}
