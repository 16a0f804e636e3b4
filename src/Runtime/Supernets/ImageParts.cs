using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>A layer on some images after the others, so that what it needs beside its input and its output is that of a few.</summary>
internal static class ImageParts
{
    /// <summary>
    /// Runs a layer that treats each image by itself: [N, ...] -> [N, ...], whole where gradients are wanted or <paramref name="atOnce"/>
    /// says so.
    /// </summary>
    public static Tensor Run(Tensor x, int? atOnce, Func<Tensor, Tensor> layer)
    {
        var count = x.shape[0];
        if (atOnce is not { } most || count <= most || is_grad_enabled()) return layer(x);
        using var scope = NewDisposeScope();
        Tensor? all = null;
        for (var start = 0L; start < count; start += most)
        {
            using var inner = NewDisposeScope();
            var part = layer(x.narrow(0, start, Math.Min(most, count - start)));
            all ??= EmptyAs(part, count).MoveToOuterDisposeScope();
            all.narrow(0, start, part.shape[0]).copy_(part);
        }
        return all!.MoveToOuterDisposeScope();
    }

    /// <summary>For more images of the same kind, in the same layout: what follows would be several times as slow on another one.</summary>
    private static Tensor EmptyAs(Tensor part, long count)
    {
        var shape = part.shape;
        return MemoryFormat.IsChannelsLast(part)
            ? empty([count, shape[2], shape[3], shape[1]], part.dtype, part.device).permute(0, 3, 1, 2)
            : empty([count, .. shape[1..]], part.dtype, part.device);
    }
}
