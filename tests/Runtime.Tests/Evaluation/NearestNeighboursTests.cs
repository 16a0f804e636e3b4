using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

/// <summary>Neighbours and scores of strangeness against a brute force in plain C#.</summary>
public sealed class NearestNeighboursTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public void None_of_the_nearest_is_missed(int k)
    {
        using var scope = NewDisposeScope();
        // More queries than one chunk holds, of no length that matters.
        var (bank, queries) = (Vectors(400, seed: 1), Vectors(600, seed: 2));
        var found = NearestNeighbours.In(Matrix(bank), k, Matrix(queries));
        Assert.Equal(Math.Min(k, bank.Length), found.K);
        for (var q = 0; q < queries.Length; q++)
        {
            var expected = Ranked(bank, queries[q], leaveOut: -1).Take(k).ToArray();
            Assert.Equal(expected.Select(one => one.Place), found.Of(q).Select(one => one.Place));
            Assert.All(expected.Zip(found.Of(q)), one => Assert.Equal(one.First.Cosine, one.Second.Cosine, 1e-12));
            Assert.Equal(expected.Average(one => 1 - one.Cosine), found.MeanDistance(q), 1e-12);
        }
    }

    [Fact]
    public void Of_a_set_itself_each_is_left_out_of_its_own()
    {
        using var scope = NewDisposeScope();
        var bank = Vectors(700, seed: 3);
        var found = NearestNeighbours.In(Matrix(bank), 5);
        for (var q = 0; q < bank.Length; q++)
            Assert.Equal(Ranked(bank, bank[q], leaveOut: q).Take(5).Select(one => one.Place), found.Of(q).Select(one => one.Place));
        Assert.Equal(699, NearestNeighbours.In(Matrix(bank), 700).K);
    }

    [Fact]
    public void Of_equals_the_first_comes_first()
    {
        using var scope = NewDisposeScope();
        var one = Vectors(1, seed: 4)[0];
        var found = NearestNeighbours.In(Matrix([.. Enumerable.Repeat(one, 40)]), 40, Matrix([one]));
        Assert.Equal(Enumerable.Range(0, 40), found.Of(0).Select(one => one.Place));
        Assert.All(found.Of(0), one => Assert.Equal(1, one.Cosine, 1e-12));
    }

    [Fact]
    public void What_is_alone_has_no_nearest() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.In(ones(1, 4), 1));

    private static IEnumerable<(int Place, double Cosine)> Ranked(float[][] bank, float[] query, int leaveOut) =>
        Enumerable.Range(0, bank.Length).Where(place => place != leaveOut)
            .Select(place => (place, Dot(bank[place], query) / Math.Sqrt(Dot(bank[place], bank[place]) * Dot(query, query))))
            .OrderByDescending(one => one.Item2);

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static float[][] Vectors(int count, ulong seed)
    {
        var random = CounterRandom.For(seed, "neighbours");
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 12).Select(_ => (float)(3 * random.NextNormal())).ToArray())];
    }

    private static Tensor Matrix(float[][] rows) => tensor(rows.SelectMany(row => row).ToArray()).view(rows.Length, -1);
}
