using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Curation;

/// <summary>Two images that show the same.</summary>
/// <param name="First">The earlier one.</param>
/// <param name="Second">The later one.</param>
/// <param name="Likeness">Correlation of both where they lie on each other best, from 0 to 1.</param>
/// <param name="IsMirrored">Whether left and right are changed.</param>
public sealed record NearCopy(int First, int Second, double Likeness, bool IsMirrored)
{
    /// <summary>Whether it was their embeddings that brought them together, where what they show at a glance had not.</summary>
    public bool IsByEmbedding { get; init; }
}

/// <summary>Images of one picture.</summary>
/// <param name="Members">In their order.</param>
/// <param name="Pairs">By which they hang together: of many copies not every pair, since one is enough to know.</param>
public sealed record CopyGroup(IReadOnlyList<int> Members, IReadOnlyList<NearCopy> Pairs)
{
    /// <summary>What pairs make, the earliest group first.</summary>
    internal static IReadOnlyList<CopyGroup> Of(IEnumerable<NearCopy> pairs, DisjointSets sets) =>
    [
        .. pairs.GroupBy(pair => sets.Of(pair.First)).OrderBy(group => group.Key).Select(group => new CopyGroup(
            [.. group.SelectMany(pair => (int[])[pair.First, pair.Second]).Distinct().Order()], [.. group])),
    ];
}

/// <summary>
/// Finds images that were made from the same picture: stored again, mirrored, or cut by up to a tenth at the edges. Every image is held
/// against every other by its lowest frequencies (of a perceptual hash: Zauner 2010), and the few that are alike are laid on each other.
/// </summary>
internal sealed class NearCopies
{
    private const int Side = Thumbnail.Side, Frequencies = 8, Rows = 512, Columns = 16_384;

    /// <summary>Likeness of frequencies from which on two images are looked at: on photographs one pair of a thousand.</summary>
    private const double Alike = 0.85;

    /// <summary>
    /// Correlation from which on they are the same picture, and that of their details: a sky is like any other but for those. On
    /// photographs of steel and of things at 32 pixels, copies are at 0.968 and above, and what only looks alike at 0.968 and below.
    /// </summary>
    private const double Same = 0.97, SameDetails = 0.7;

    /// <summary>Grey levels of deviation below which an image has nothing by which it could be told.</summary>
    private const float Flat = 2;

    private readonly Tensor greys, unit, frequencies, mirrored, across, down;
    private readonly bool[] isFlat;
    private readonly List<NearCopy> found = [];
    private readonly DisjointSets sets;

    /// <summary>In the present scope.</summary>
    private NearCopies(float[] greys)
    {
        var count = greys.Length / (Side * Side);
        this.greys = tensor(greys, [count, Side * Side]);
        isFlat = [.. this.greys.std(1, unbiased: false).lt(Flat).data<bool>()];
        unit = Unit(this.greys);
        var (cosines, signs) = Cosines();
        frequencies = nn.functional.normalize(unit.mm(cosines), dim: 1);
        mirrored = frequencies * signs;
        (down, across) = Windows();
        sets = new(count);
    }

    /// <summary>All images that show what another does, the earliest group first.</summary>
    /// <param name="greys">[N, Side * Side], from 0 to 255.</param>
    /// <param name="progress">Told how many images were held against all.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public static IReadOnlyList<CopyGroup> Find(float[] greys, Action<int>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var copies = new NearCopies(greys);
        var all = (0, greys.Length / Thumbnail.Pixels);
        copies.Compare(all, all, progress, cancellation);
        return CopyGroup.Of(copies.found, copies.sets);
    }

    /// <summary>Images that show what one of another set does, each with one of those; nothing is told of pairs within a set.</summary>
    /// <param name="greys">[N, Side * Side], from 0 to 255.</param>
    /// <param name="others">Those of the other set, which <see cref="NearCopy.Second"/> counts.</param>
    public static IReadOnlyList<NearCopy> Between(float[] greys, float[] others)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var count = greys.Length / Thumbnail.Pixels;
        var copies = new NearCopies([.. greys, .. others]);
        var (own, theirs) = ((0, count), (count, count + others.Length / Thumbnail.Pixels));
        copies.Compare(own, theirs, null, default);
        copies.Compare(theirs, own, null, default);
        return [.. copies.found.Select(pair => pair with { Second = pair.Second - count })];
    }

    /// <summary>Holds some images against others, both from the first of them to behind the last.</summary>
    private void Compare((int First, int End) own, (int First, int End) others, Action<int>? progress, CancellationToken cancellation)
    {
        for (var start = own.First; start < own.End; start += Rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = Math.Min(Rows, own.End - start);
            var neighbours = Enumerable.Range(0, rows).Select(_ => new List<int>()).ToArray();
            for (var column = others.First; column < others.End; column += Columns)
                AddAlike(neighbours, start, column, Math.Min(Columns, others.End - column));
            for (var i = 0; i < rows; i++)
                if (neighbours[i].Count > 0) Compare(start + i, neighbours[i]);
            progress?.Invoke(start + rows);
        }
    }

    /// <summary>Of some rows, the images among some columns whose frequencies are alike, mirrored or not.</summary>
    private void AddAlike(List<int>[] neighbours, int start, int column, int columns)
    {
        using var scope = NewDisposeScope();
        var (own, others) = (frequencies.narrow(0, start, neighbours.Length), frequencies.narrow(0, column, columns).t());
        var alike = own.mm(others).maximum(mirrored.narrow(0, start, neighbours.Length).mm(others)).gt(Alike).nonzero();
        // Of none the accessor would throw.
        var pairs = alike.numel() == 0 ? [] : alike.data<long>().ToArray();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            var (row, other) = ((int)pairs[i], column + (int)pairs[i + 1]);
            if (other != start + row && !isFlat[other] && !isFlat[start + row]) neighbours[row].Add(other);
        }
    }

    /// <summary>Lays windows of an image on others: those may be cut from it. What is cut from those is found in their turn.</summary>
    private void Compare(int image, List<int> neighbours)
    {
        using var scope = NewDisposeScope();
        var others = neighbours.Where(other => sets.Of(other) != sets.Of(image)).ToArray();
        if (others.Length == 0) return;
        var square = greys[image].reshape(1, Side, Side);
        var windows = down.matmul(square).matmul(across);
        windows = cat([windows, windows.flip(2)], 0).reshape(-1, Side * Side);
        var (likeness, which) = Unit(windows).mm(unit.index_select(0, tensor(Array.ConvertAll(others, i => (long)i))).t()).max(0);
        var (values, places) = (likeness.data<float>().ToArray(), which.data<long>().ToArray());
        for (var i = 0; i < others.Length; i++)
        {
            if (values[i] < Same || sets.Of(others[i]) == sets.Of(image)) continue;
            if (Details(windows[places[i]], greys[others[i]]) < SameDetails) continue;
            sets.Join(image, others[i]);
            found.Add(
                new(
                    Math.Min(image, others[i]), Math.Max(image, others[i]), Math.Min(1, values[i]), places[i] >= windows.shape[0] / 2));
        }
    }

    /// <summary>Correlation of what is left of two thumbnails without the mean about each pixel.</summary>
    private static double Details(Tensor one, Tensor other)
    {
        var both = stack([one, other]).reshape(2, 1, Side, Side);
        var smooth = nn.functional.avg_pool2d(nn.functional.pad(both, [1, 1, 1, 1], PaddingModes.Replicate), 3, 1);
        var details = Unit((both - smooth).reshape(2, -1));
        return (details[0] * details[1]).sum().item<float>();
    }

    /// <summary>Rows of length 1, without their mean.</summary>
    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows - rows.mean([1], keepdim: true), dim: 1);

    /// <summary>
    /// The lowest waves down and across, [Side * Side, waves], without the one that is even all over, and the signs that mirroring gives
    /// them.
    /// </summary>
    private static (Tensor Cosines, Tensor Signs) Cosines()
    {
        var (waves, signs) = (new List<Tensor>(), new List<float>());
        var places = (arange(Side, ScalarType.Float32) + 0.5) / Side * Math.PI;
        for (var v = 0; v < Frequencies; v++)
            for (var u = 0; u < Frequencies; u++)
            {
                if (u + v == 0) continue;
                // Of equal length.
                var scale = (v == 0 ? Math.Sqrt(0.5) : 1) * (u == 0 ? Math.Sqrt(0.5) : 1);
                waves.Add(((places * v).cos().unsqueeze(1) * (places * u).cos().unsqueeze(0) * scale).flatten());
                signs.Add(u % 2 == 0 ? 1 : -1);
            }
        return (stack(waves, 1), tensor(signs.ToArray()));
    }

    /// <summary>
    /// What cuts a window out of a square and brings it to the square's size, from the left [W, Side, Side] and from the right: the whole,
    /// and windows of 0.95 and 0.9 of the side in five places across and five down.
    /// </summary>
    private static (Tensor Down, Tensor Across) Windows()
    {
        var (down, across) = (new List<Tensor>(), new List<Tensor>());
        foreach (var share in (double[])[1, 0.95, 0.9])
        {
            var places = share == 1 ? [0] : (double[])[0, 0.25, 0.5, 0.75, 1];
            foreach (var top in places)
                foreach (var left in places)
                {
                    down.Add(Samples(share, top * (1 - share)));
                    across.Add(Samples(share, left * (1 - share)).t());
                }
        }
        return (stack(down), stack(across));

        static Tensor Samples(double share, double start)
        {
            var weights = new float[Side * Side];
            for (var i = 0; i < Side; i++)
            {
                var at = Math.Clamp((start + share * (i + 0.5) / Side) * Side - 0.5, 0, Side - 1);
                var below = Math.Min((int)at, Side - 2);
                weights[i * Side + below] = (float)(below + 1 - at);
                weights[i * Side + below + 1] = (float)(at - below);
            }
            return tensor(weights, [Side, Side]);
        }
    }
}
