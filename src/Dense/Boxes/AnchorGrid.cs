using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Reference boxes at every position of maps, of several sizes and shapes (Ren et al. 2015, Faster R-CNN, section 3.1.1).
/// </summary>
/// <param name="Sizes">Of each map, the largest map first: sides in pixels of a square of the anchor's area.</param>
/// <param name="Ratios">Height by width.</param>
/// <param name="Rounded">To whole pixels about the middle, as torchvision does and Detectron2 does not.</param>
public sealed record AnchorGrid(IReadOnlyList<double[]> Sizes, double[] Ratios, bool Rounded = true)
{
    /// <summary>Anchors at a position.</summary>
    public int PerPosition => Sizes[0].Length * Ratios.Length;

    /// <summary>
    /// All anchors, map after map, row after row, and of a position ratio after ratio and size after size: [positions *
    /// <see cref="PerPosition"/>, 4] of each map.
    /// </summary>
    /// <param name="maps">Each [N, C, H, W], as many as there are sizes.</param>
    /// <param name="images">[N, 3, H, W]: positions are so many whole pixels apart as fit.</param>
    public IReadOnlyList<Tensor> Of(IReadOnlyList<Tensor> maps, Tensor images)
    {
        if (maps.Count != Sizes.Count) throw new ArgumentException($"anchors of {Sizes.Count} maps do not fit {maps.Count}");
        using var scope = NewDisposeScope();
        return [.. maps.Select((map, i) => OfMap(map, images, Edges(i)).MoveToOuterDisposeScope())];
    }

    /// <summary>Edges of a map's anchors about a position: left, top, right, bottom of one after the other.</summary>
    public float[] Edges(int map)
    {
        // In 32 bits, as torchvision computes the shapes whatever the type of its maps.
        var shapes = Ratios.SelectMany(
            ratio =>
                Sizes[map].Select(
                    size => (Width: 1 / MathF.Sqrt((float)ratio) * (float)size, Height: MathF.Sqrt((float)ratio) * (float)size)));
        return
        [
            .. shapes.SelectMany(s => new[] { -s.Width / 2, -s.Height / 2, s.Width / 2, s.Height / 2 })
                .Select(edge => Rounded ? MathF.Round(edge) : edge),
        ];
    }

    private Tensor OfMap(Tensor map, Tensor images, float[] edges)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (map.shape[2], map.shape[3]);
        var (x, y) = (arange(width, ScalarType.Int64, map.device) * (images.shape[3] / width),
            arange(height, ScalarType.Int64, map.device) * (images.shape[2] / height));
        var (columns, rows) = (x.unsqueeze(0).expand(height, width), y.unsqueeze(1).expand(height, width));
        var shifts = stack([columns, rows, columns, rows], -1).reshape(-1, 1, 4);
        return (shifts + tensor(edges, device: map.device).to(map.dtype).reshape(1, -1, 4)).reshape(-1, 4).MoveToOuterDisposeScope();
    }
}
