using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Boxes as what a regressor gives for a reference box: shifts of the middle by the reference's sides, logarithms of the ratios of the
/// sides (Girshick et al. 2014, R-CNN, appendix C).
/// </summary>
/// <param name="Center">What the shifts are multiplied by.</param>
/// <param name="Size">What the logarithms are.</param>
public sealed record BoxCoder(double Center, double Size)
{
    /// <summary>A side is never more than so many times the reference's: exp would overflow on what an untrained regressor gives.</summary>
    public static double LargestLogarithm { get; } = Math.Log(1000.0 / 16);

    /// <summary>Codes of boxes for their references: [N, 4], [N, 4] -> [N, 4].</summary>
    public Tensor Encode(Tensor boxes, Tensor references)
    {
        using var scope = NewDisposeScope();
        var (x, y, width, height) = Middle(references);
        var (boxX, boxY, boxWidth, boxHeight) = Middle(boxes);
        return stack(
                [
                    Center * (boxX - x) / width, Center * (boxY - y) / height, Size * (boxWidth / width).log(),
                    Size * (boxHeight / height).log(),
                ],
                1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Boxes of codes for their references: [N, K, 4], [N, 4] -> [N, K, 4].</summary>
    public Tensor Decode(Tensor codes, Tensor references)
    {
        using var scope = NewDisposeScope();
        var (x, y, width, height) = Middle(references.to(codes.dtype).unsqueeze(1));
        var (middleX, middleY) = (BoxAlgebra.Edge(codes, 0) / Center * width + x, BoxAlgebra.Edge(codes, 1) / Center * height + y);
        var (halfWidth, halfHeight) = (Side(2, width), Side(3, height));
        return stack([middleX - halfWidth, middleY - halfHeight, middleX + halfWidth, middleY + halfHeight], -1).MoveToOuterDisposeScope();

        Tensor Side(long which, Tensor side) => 0.5 * ((BoxAlgebra.Edge(codes, which) / Size).clamp(max: LargestLogarithm).exp() * side);
    }

    private static (Tensor X, Tensor Y, Tensor Width, Tensor Height) Middle(Tensor boxes)
    {
        var (left, top) = (BoxAlgebra.Edge(boxes, 0), BoxAlgebra.Edge(boxes, 1));
        var (width, height) = (BoxAlgebra.Edge(boxes, 2) - left, BoxAlgebra.Edge(boxes, 3) - top);
        return (left + 0.5 * width, top + 0.5 * height, width, height);
    }
}
