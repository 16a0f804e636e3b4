using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>Boxes [N, 4] are x1, y1, x2, y2 in pixels: left, top, right and bottom edges, of which the last two are outside.</summary>
public static class BoxAlgebra
{
    /// <summary>[N, 4] -> [N].</summary>
    public static Tensor Area(Tensor boxes)
    {
        using var scope = NewDisposeScope();
        return ((Edge(boxes, 2) - Edge(boxes, 0)) * (Edge(boxes, 3) - Edge(boxes, 1))).MoveToOuterDisposeScope();
    }

    /// <summary>Intersection over union of every pair: [N, 4], [M, 4] -> [N, M].</summary>
    public static Tensor Iou(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (first.unsqueeze(1), second.unsqueeze(0));
        var width = (minimum(Edge(a, 2), Edge(b, 2)) - maximum(Edge(a, 0), Edge(b, 0))).clamp_(min: 0);
        var height = (minimum(Edge(a, 3), Edge(b, 3)) - maximum(Edge(a, 1), Edge(b, 1))).clamp_(min: 0);
        var intersection = width * height;
        return (intersection / (Area(first).unsqueeze(1) + Area(second) - intersection)).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes cut at the image's edges: [..., 4] -> [..., 4].</summary>
    public static Tensor Clip(Tensor boxes, ImageSize size)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (boxes[TensorIndex.Ellipsis, TensorIndex.Slice(0, null, 2)].clamp(0, size.Width),
            boxes[TensorIndex.Ellipsis, TensorIndex.Slice(1, null, 2)].clamp(0, size.Height));
        return stack([x, y], -1).flatten(-2).MoveToOuterDisposeScope();
    }

    /// <summary>Indices of the boxes whose sides are both so long at least: [N, 4] -> [K].</summary>
    public static Tensor AtLeast(Tensor boxes, double side)
    {
        using var scope = NewDisposeScope();
        return Where((Edge(boxes, 2) - Edge(boxes, 0)).ge(side) & (Edge(boxes, 3) - Edge(boxes, 1)).ge(side)).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes of an image in pixels of another size of it: [N, 4] -> [N, 4].</summary>
    public static Tensor Resize(Tensor boxes, ImageSize from, ImageSize to)
    {
        using var scope = NewDisposeScope();
        var (across, down) = ((double)to.Width / from.Width, (double)to.Height / from.Height);
        return (boxes * tensor([across, down, across, down], boxes.dtype, boxes.device)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// 1 - generalised IoU of boxes in pairs, a loss with a gradient where they do not meet too: [N, 4], [N, 4] -> [N] (Rezatofighi et al.
    /// 2019).
    /// </summary>
    public static Tensor GeneralizedIouLoss(Tensor first, Tensor second)
    {
        const double epsilon = 1e-7;
        using var scope = NewDisposeScope();
        var (left, top) = (maximum(Edge(first, 0), Edge(second, 0)), maximum(Edge(first, 1), Edge(second, 1)));
        var (right, bottom) = (minimum(Edge(first, 2), Edge(second, 2)), minimum(Edge(first, 3), Edge(second, 3)));
        var intersection = where(right.gt(left) & bottom.gt(top), (right - left) * (bottom - top), zeros_like(left));
        var union = Area(first) + Area(second) - intersection;
        var (width, height) = (maximum(Edge(first, 2), Edge(second, 2)) - minimum(Edge(first, 0), Edge(second, 0)),
            maximum(Edge(first, 3), Edge(second, 3)) - minimum(Edge(first, 1), Edge(second, 1)));
        var around = width * height;
        return (1 - intersection / (union + epsilon) + (around - union) / (around + epsilon)).MoveToOuterDisposeScope();
    }

    /// <summary>Indices at which a condition holds: [N] -> [K].</summary>
    internal static Tensor Where(Tensor condition)
    {
        using var scope = NewDisposeScope();
        return condition.nonzero().flatten().MoveToOuterDisposeScope();
    }

    /// <summary>All values, row after row, on the processor.</summary>
    internal static T[] Numbers<T>(Tensor values) where T : unmanaged
    {
        // TorchSharp reads past the end of a matrix without rows.
        if (values.numel() == 0) return [];
        using var scope = NewDisposeScope();
        return values.detach().cpu().contiguous().data<T>().ToArray();
    }

    /// <summary>One number of each box: [..., 4] -> [...].</summary>
    internal static Tensor Edge(Tensor boxes, long which) => boxes.select(-1, which);
}
