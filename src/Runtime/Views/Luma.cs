using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>Grey values (ITU-R BT.601).</summary>
internal static class Luma
{
    public const float Red = 0.299f;
    public const float Green = 0.587f;
    public const float Blue = 0.114f;

    /// <summary>Of a pixel, from 0 to 255.</summary>
    public static float Of(byte red, byte green, byte blue) => Red * red + Green * green + Blue * blue;

    /// <summary>[N, S, 3, S] to [N, S, 1, S]; of one channel itself.</summary>
    public static Tensor Of(Tensor views) => views.shape[2] == 1 ? views.clone()
        : views.narrow(2, 0, 1).mul(Red).add_(views.narrow(2, 1, 1), Green).add_(views.narrow(2, 2, 1), Blue);

    /// <summary>Makes some views grey, in place.</summary>
    public static void Apply(Tensor views, ReadOnlySpan<ViewDraw> draws)
    {
        var members = Chunks.Where(draws, draw => draw.Gray);
        if (members.Length == 0) return;
        var index = Staging.Index(members, views.device);
        views.index_copy_(0, index, Of(views.index_select(0, index)).expand(-1, -1, 3, -1));
    }
}
