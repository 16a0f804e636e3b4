using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>How strange an image is by its strangest position (Roth et al. 2022, section 3.3).</summary>
/// <param name="Score">Equation 7 from the distance of equation 6.</param>
/// <param name="Position">The strangest position: row * columns + column.</param>
/// <param name="Nearest">The places in the bank that it is nearest to, the nearest first.</param>
/// <param name="Distances">Of each position to the nearest of the bank, from 0 to 2.</param>
public sealed record Strangeness(double Score, int Position, IReadOnlyList<int> Nearest, float[] Distances);

/// <summary>
/// Positions of images' maps that stand for what is known: a greedy coreset (PatchCore: Roth et al., "Towards Total Recall in Industrial
/// Anomaly Detection", CVPR 2022, algorithm 1), to which positions of other images are held. Positions are vectors of length 1, and how far
/// two lie apart is the length of their difference.
/// </summary>
public sealed class PositionBank : IDisposable
{
    /// <summary>Channels that the coreset is chosen in: what has more is projected at random, as the paper does.</summary>
    private const int Projected = 128;

    private readonly Tensor unit;
    private readonly int[] owners;

    private PositionBank(Tensor unit, int[] owners) => (this.unit, this.owners) = (unit, owners);

    /// <summary>How many positions it holds.</summary>
    public int Count => owners.Length;

    /// <summary>The image that a position is of.</summary>
    public int OwnerOf(int place) => owners[place];

    /// <summary>
    /// Positions of images' maps as they are held against each other (section 3.1): the two middle levels, each position the mean of 3 x 3
    /// (of less at the rim), the coarser brought to the finer one's size and joined to it.
    /// </summary>
    /// <param name="maps">[N, C, H, W] each, the finest first, such as C2 to C5; of less than three all.</param>
    /// <param name="columns">Of a row of positions.</param>
    /// <returns>[N, H * W, C], in the present dispose scope.</returns>
    public static Tensor Positions(IReadOnlyList<Tensor> maps, out int columns)
    {
        Tensor[] levels = maps.Count < 3 ? [.. maps] : [maps[^3], maps[^2]];
        var size = levels[0].shape[2..];
        columns = (int)size[1];
        return cat([.. levels.Select(map => Sized(nn.functional.avg_pool2d(map, 3, 1, 1, count_include_pad: false)))], 1).flatten(2)
            .transpose(1, 2);

        Tensor Sized(Tensor map) => map.shape[2..].SequenceEqual(size)
            ? map
            : nn.functional.interpolate(map, size, mode: InterpolationMode.Bilinear, align_corners: false);
    }

    /// <summary>Chooses positions: the first at random, then always the one that is farthest from all that are chosen.</summary>
    /// <param name="positions">[P, C].</param>
    /// <param name="owners">The image of each.</param>
    /// <param name="count">How many are kept; at most P.</param>
    /// <param name="seed">Of the first one, and of the projection.</param>
    public static PositionBank Of(Tensor positions, int[] owners, int count, long seed)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(positions.cpu().to(ScalarType.Float32), dim: 1);
        var places = Coreset(Shortened(unit, seed), count, seed);
        return new(
            unit.index_select(0, tensor(Array.ConvertAll(places, place => (long)place))).DetachFromDisposeScope(),
            Array.ConvertAll(places, place => owners[place]));
    }

    /// <summary>The same without the positions of an image, which would be near to itself; null where nothing is left.</summary>
    public PositionBank? Without(int image)
    {
        var left = Enumerable.Range(0, Count).Where(place => owners[place] != image).ToArray();
        if (left.Length == 0) return null;
        return new(Rows(left), Array.ConvertAll(left, place => owners[place]));
    }

    /// <summary>How strange an image is.</summary>
    /// <param name="positions">Its own: [P, C].</param>
    /// <param name="k">
    /// Neighbours of the nearest position in the bank, itself among them, that the score is weighted by: the distance counts less where
    /// the nearest is itself far from others. 1 leaves the distance as it is.
    /// </param>
    public Strangeness Of(Tensor positions, int k)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var own = nn.functional.normalize(positions.cpu().to(ScalarType.Float32), dim: 1);
        var distances = new float[own.shape[0]];
        NearestNeighbours.Visit(unit, own, 1, (start, cosines, _) =>
            cosines.flatten().mul(-2).add(2).clamp_min(0).sqrt().data<float>().CopyTo(distances.AsSpan((int)start, (int)cosines.numel())));
        var strangest = Array.IndexOf(distances, distances.Max());
        var asked = own.narrow(0, strangest, 1);
        var nearest = NearestNeighbours.In(unit, k, asked).Of(0).ToArray();
        var distance = Apart(nearest[0].Cosine);
        if (k == 1) return new(distance, strangest, [nearest[0].Place], distances);
        // Of equation 7: what is near to the position that was found, not to the one that is asked about.
        var around = NearestNeighbours.In(unit, k, unit.narrow(0, nearest[0].Place, 1)).Of(0).Select(near => near.Place).ToArray();
        if (!around.Contains(nearest[0].Place)) around[^1] = nearest[0].Place;
        var cosines = UnitVectors.Of(Rows(around)).mv(UnitVectors.Of(asked).squeeze(0)).data<double>().ToArray();
        // Relative to the nearest, so that nothing overflows.
        var weight = 1 - 1 / cosines.Sum(cosine => Math.Exp(Apart(cosine) - distance));
        return new(weight * distance, strangest, [.. nearest.Select(near => near.Place)], distances);
    }

    /// <summary>Frees the vectors.</summary>
    public void Dispose() => unit.Dispose();

    private Tensor Rows(int[] places) => unit.index_select(0, tensor(Array.ConvertAll(places, place => (long)place)));

    /// <summary>The distance of two vectors of length 1.</summary>
    private static double Apart(double cosine) => Math.Sqrt(Math.Max(0, 2 - 2 * cosine));

    private static Tensor Shortened(Tensor unit, long seed)
    {
        var channels = unit.shape[1];
        if (channels <= Projected) return unit;
        var random = CounterRandom.For((ulong)seed, "projection");
        var values = new float[channels * Projected];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextNormal() / Math.Sqrt(Projected));
        return unit.mm(tensor(values, [channels, Projected]));
    }

    /// <summary>The greedy choice that leaves no point far from what is chosen (Sener and Savarese 2018); of equals the first.</summary>
    private static int[] Coreset(Tensor points, int count, long seed)
    {
        var squares = points.square().sum(1);
        var chosen = new int[count];
        chosen[0] = (int)CounterRandom.For((ulong)seed, "coreset").Below(points.shape[0]);
        var far = full_like(squares, double.PositiveInfinity);
        for (var i = 1; i < count; i++)
        {
            using var inner = NewDisposeScope();
            var last = points.narrow(0, chosen[i - 1], 1);
            var apart = squares.add(squares.narrow(0, chosen[i - 1], 1)).sub_(points.mv(last.squeeze(0)).mul_(2));
            far.copy_(far.minimum(apart));
            // What is chosen is not chosen again, were all others the same.
            far.narrow(0, chosen[i - 1], 1).fill_(-1);
            chosen[i] = (int)far.argmax().item<long>();
        }
        return chosen;
    }
}
