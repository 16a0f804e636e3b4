using DataSsl.Dense.Boxes;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>What heads give at each position of maps, as rows.</summary>
internal static class Levels
{
    /// <summary>[N, A * K, H, W] -> [N, H * W * A, K], in the order of <see cref="AnchorGrid"/>.</summary>
    public static Tensor Rows(Tensor map, long values)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (map.shape[0], map.shape[2], map.shape[3]);
        return map.reshape(n, -1, values, h, w).permute(0, 3, 4, 1, 2).reshape(n, -1, values).MoveToOuterDisposeScope();
    }

    /// <summary>Huber's loss of codes, summed; linear throughout where beta is 0.</summary>
    public static Tensor CodeLoss(Tensor codes, Tensor wanted, double beta) => beta == 0
        ? nn.functional.l1_loss(codes, wanted, nn.Reduction.Sum)
        : nn.functional.smooth_l1_loss(codes, wanted, nn.Reduction.Sum, beta);

    /// <summary>The best of an image's boxes, at most so many, that do not overlap a better one of their kind.</summary>
    public static Detections Best(Tensor boxes, Tensor scores, Tensor kinds, double overlap, int most)
    {
        using var scope = NewDisposeScope();
        var keep = Suppression.Keep(boxes, scores, kinds, overlap);
        keep = keep.narrow(0, 0, Math.Min(keep.shape[0], most));
        return new Detections(boxes.index_select(0, keep), scores.index_select(0, keep), kinds.index_select(0, keep))
            .MoveToOuterDisposeScope();
    }
}
