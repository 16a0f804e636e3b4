using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>Inverts the upper half of the values: x becomes min(x, 1 - x).</summary>
internal static class Solarize
{
    /// <summary>Solarises some of [N, S, C, S] in place.</summary>
    public static void Apply(Tensor views, ReadOnlySpan<ViewDraw> draws)
    {
        var members = Chunks.Where(draws, draw => draw.Solarize);
        if (members.Length == 0) return;
        var index = Staging.Index(members, views.device);
        views.index_copy_(0, index, views.index_select(0, index).sub_(0.5).abs_().neg_().add_(0.5));
    }
}
