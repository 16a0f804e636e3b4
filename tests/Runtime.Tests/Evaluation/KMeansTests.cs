using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

public sealed class KMeansTests
{
    private const int Dimension = 6;

    /// <summary>Blobs of different sizes far from each other come out as they were made, in order of their sizes.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Groups_that_are_apart_are_found(long seed)
    {
        using var scope = NewDisposeScope();
        int[] sizes = [40, 25, 60, 10];
        var found = KMeans.Fit(Matrix(Blobs(sizes, spread: 0.05)), sizes.Length, seed)!;
        var starts = sizes.Select((_, i) => sizes.Take(i).Sum()).ToArray();
        Assert.Equal(
            sizes.Index().OrderByDescending(blob => blob.Item).Select(blob => Enumerable.Range(starts[blob.Index], blob.Item)),
            found.Members.Select(members => members.Order()));
    }

    /// <summary>Nobody is nearer to another group's mean, and means and inertia are what plain C# makes of the groups.</summary>
    [Fact]
    public void No_vector_would_rather_be_elsewhere()
    {
        using var scope = NewDisposeScope();
        var rows = Blobs([80, 80, 80], spread: 1);
        var found = KMeans.Fit(Matrix(rows), 7, seed: 5)!;
        Assert.Equal(Enumerable.Range(0, rows.Length), found.Members.SelectMany(members => members).Order());
        var points = rows.Select(row => Array.ConvertAll(row, x => x / Math.Sqrt(row.Sum(y => (double)y * y)))).ToArray();
        double[][] means =
            [.. found.Members.Select(members => Enumerable.Range(0, Dimension).Select(d => members.Average(i => points[i][d])).ToArray())];
        foreach (var (group, members) in found.Members.Index())
        {
            Assert.All(members, i => Assert.Equal(group, Enumerable.Range(0, 7).MinBy(other => Distance(points[i], means[other]))));
            Assert.Equal(members.OrderBy(i => Distance(points[i], means[group])), members);
        }
        Assert.Equal(found.Members.Index().Sum(one => one.Item.Sum(i => Distance(points[i], means[one.Index]))), found.Inertia, 1e-9);
        Assert.Equal(found.Members, KMeans.Fit(Matrix(rows), 7, seed: 5)!.Members);
    }

    /// <summary>On a few points all ways to part them in two can be tried.</summary>
    [Fact]
    public void The_best_of_all_ways_is_found()
    {
        using var scope = NewDisposeScope();
        var rows = Blobs([6, 6], spread: 0.7);
        var points = rows.Select(row => Array.ConvertAll(row, x => x / Math.Sqrt(row.Sum(y => (double)y * y)))).ToArray();
        var best = Enumerable.Range(1, (1 << 11) - 1)
            .Min(parts => Enumerable.Range(0, 12).GroupBy(i => parts >> i & 1).Sum(group =>
            {
                var mean = Enumerable.Range(0, Dimension).Select(d => group.Average(i => points[i][d])).ToArray();
                return group.Sum(i => Distance(points[i], mean));
            }));
        Assert.Equal(best, KMeans.Fit(Matrix(rows), 2, seed: 0)!.Inertia, 1e-9);
    }

    [Fact]
    public void As_many_groups_as_there_are_different_vectors_at_most()
    {
        using var scope = NewDisposeScope();
        var three = Blobs([1, 1, 1], spread: 0.1);
        var rows = Matrix([.. Enumerable.Repeat(three, 5).SelectMany(all => all)]);
        Assert.Equal([5, 5, 5], KMeans.Fit(rows, 3, seed: 0)!.Members.Select(members => members.Length));
        Assert.Null(KMeans.Fit(rows, 4, seed: 0));
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    /// <summary>Vectors around the axes, one after the other, of any length.</summary>
    private static float[][] Blobs(int[] sizes, double spread)
    {
        var random = CounterRandom.For(9, "blobs");
        return
        [
            .. sizes.Index().SelectMany(blob => Enumerable.Range(0, blob.Item).Select(_ =>
            {
                var length = random.Between(0.5, 4);
                return Enumerable.Range(0, Dimension)
                    .Select(d => (float)(length * ((d == blob.Index ? 1 : 0) + spread * random.NextNormal()))).ToArray();
            })),
        ];
    }

    private static Tensor Matrix(float[][] rows) => tensor(rows.SelectMany(row => row).ToArray()).view(rows.Length, -1);
}
