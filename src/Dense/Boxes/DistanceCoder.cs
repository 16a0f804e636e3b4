using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Boxes as distances of their edges from a reference's middle, in its sides: left, top, right, bottom (Tian et al. 2019, FCOS, equation
/// 1).
/// </summary>
public static class DistanceCoder
{
    /// <summary>Distances of boxes' edges: [..., 4], [..., 4] -> [..., 4], all positive where the middle lies within.</summary>
    public static Tensor Encode(Tensor boxes, Tensor references)
    {
        using var scope = NewDisposeScope();
        var middle = Middle(references);
        return (cat([middle - Corner(boxes, 0), Corner(boxes, 2) - middle], -1) / Sides(references)).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes of distances: [..., 4], [..., 4] -> [..., 4].</summary>
    public static Tensor Decode(Tensor distances, Tensor references)
    {
        using var scope = NewDisposeScope();
        var (middle, scaled) = (Middle(references), distances * Sides(references));
        return cat([middle - Corner(scaled, 0), middle + Corner(scaled, 2)], -1).MoveToOuterDisposeScope();
    }

    private static Tensor Middle(Tensor boxes) => 0.5 * (Corner(boxes, 0) + Corner(boxes, 2));

    private static Tensor Sides(Tensor boxes)
    {
        var sides = Corner(boxes, 2) - Corner(boxes, 0);
        return cat([sides, sides], -1);
    }

    /// <summary>x and y of a box's first corner, or of its second.</summary>
    private static Tensor Corner(Tensor boxes, long start) => boxes.narrow(-1, start, 2);
}
