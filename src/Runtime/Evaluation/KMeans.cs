using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>Vectors in groups around means of theirs.</summary>
/// <param name="Members">Places of each group's vectors, the nearest to its mean first; the largest group first.</param>
/// <param name="Inertia">The sum of the squared distances to the means.</param>
public sealed record Clusters(IReadOnlyList<int[]> Members, double Inertia);

/// <summary>
/// k-means on directions: Lloyd's algorithm over vectors of length 1, from means that k-means++ draws (Arthur and Vassilvitskii 2007), the
/// best of several draws. The same seed gives the same groups.
/// </summary>
public static class KMeans
{
    /// <summary>Draws of first means: a bad one leaves two groups in one and one in two.</summary>
    private const int Draws = 8;

    /// <summary>Rounds at most; groups of images settle in a few dozen.</summary>
    private const int Rounds = 300;

    /// <summary>Squared distances below this are rounding.</summary>
    private const double Same = 1e-12;

    /// <summary>Groups vectors.</summary>
    /// <param name="vectors">[N, C], of any length above 0.</param>
    /// <param name="count">Groups; at most N.</param>
    /// <param name="seed">Of the draws.</param>
    /// <returns>The groups; null where there are fewer different vectors than that.</returns>
    public static Clusters? Fit(Tensor vectors, int count, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var points = UnitVectors.Of(vectors);
        Clusters? best = null;
        for (var draw = 0; draw < Draws; draw++)
        {
            using var inner = NewDisposeScope();
            if (First(points, count, CounterRandom.For((ulong)seed, "k-means", draw)) is not { } means) return null;
            var found = Settle(points, means);
            if (best is null || found.Inertia < best.Inertia) best = found;
        }
        return best;
    }

    /// <summary>Each mean is a vector, drawn by the square of its distance to the nearest one before: [K, C].</summary>
    private static Tensor? First(Tensor points, int count, CounterRandom random)
    {
        var chosen = new List<long> { random.Below(points.shape[0]) };
        var nearest = Distances(points, points.narrow(0, chosen[0], 1)).squeeze(1).data<double>().ToArray();
        while (chosen.Count < count)
        {
            var left = random.NextDouble() * nearest.Sum();
            var next = -1L;
            for (var i = 0; i < nearest.Length && left >= 0; i++)
            {
                if (nearest[i] < Same) continue;
                (next, left) = (i, left - nearest[i]);
            }
            if (next < 0) return null;
            chosen.Add(next);
            using var scope = NewDisposeScope();
            var distances = Distances(points, points.narrow(0, next, 1)).squeeze(1).data<double>().ToArray();
            for (var i = 0; i < nearest.Length; i++) nearest[i] = Math.Min(nearest[i], distances[i]);
        }
        return points.index_select(0, tensor(chosen.ToArray()));
    }

    private static Clusters Settle(Tensor points, Tensor means)
    {
        var count = (int)means.shape[0];
        long[]? group = null;
        double[] distance;
        for (var round = 0; ; round++)
        {
            using var scope = NewDisposeScope();
            var (nearest, of) = Distances(points, means).min(1);
            var now = of.data<long>().ToArray();
            distance = nearest.data<double>().ToArray();
            FillEmpty(now, distance, count);
            var isSettled = round == Rounds || group is not null && now.AsSpan().SequenceEqual(group);
            group = now;
            if (isSettled) break;
            var belongs = nn.functional.one_hot(tensor(now), count).to(ScalarType.Float64);
            means = belongs.t().mm(points).div_(belongs.sum([0L]).unsqueeze(1)).MoveToOuterDisposeScope();
        }
        return new(
            [
                .. Enumerable.Range(0, count)
                    .Select(one => Enumerable.Range(0, group.Length).Where(i => group[i] == one).OrderBy(i => distance[i]).ToArray())
                    .OrderByDescending(members => members.Length).ThenBy(members => members.Min()),
            ],
            distance.Sum());
    }

    /// <summary>
    /// A group that all have left takes the vector that lies farthest from its mean, so that there are as many as were asked for.
    /// </summary>
    private static void FillEmpty(long[] group, double[] distance, int count)
    {
        var sizes = new int[count];
        foreach (var one in group) sizes[one]++;
        for (var empty = 0; empty < count; empty++)
        {
            if (sizes[empty] > 0) continue;
            var farthest = Enumerable.Range(0, group.Length).Where(i => sizes[group[i]] > 1).MaxBy(i => distance[i]);
            sizes[group[farthest]]--;
            (group[farthest], distance[farthest], sizes[empty]) = (empty, 0, 1);
        }
    }

    /// <summary>Squared distances of points of length 1 to means: [N, K].</summary>
    private static Tensor Distances(Tensor points, Tensor means) =>
        means.square().sum([1L]).add(1).unsqueeze(0).add(points.mm(means.t()), alpha: -2).clamp_min(0);
}
