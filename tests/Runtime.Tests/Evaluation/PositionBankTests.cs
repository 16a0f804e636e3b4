using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

/// <summary>Against PatchCore's equations and its greedy choice, written out over arrays.</summary>
public sealed class PositionBankTests
{
    private const int Channels = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(40)]
    public void The_score_is_that_of_equations_6_and_7(int k)
    {
        using var scope = NewDisposeScope();
        var (bank, image) = (Vectors(1, 40), Vectors(2, 25));
        using var positions = PositionBank.Of(Of(bank), [.. Enumerable.Range(0, 40).Select(i => i / 10)], 40, seed: 3);
        var found = positions.Of(Of(image), k);
        // The bank's order is the coreset's; all of it is kept, so that places are told by their vectors.
        var nearest = image.Select(one => bank.Min(other => Apart(one, other))).ToArray();
        Assert.All(nearest.Zip(found.Distances), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        var strangest = Array.IndexOf(nearest, nearest.Max());
        Assert.Equal(strangest, found.Position);
        var star = bank.MinBy(other => Apart(image[strangest], other))!;
        var sum = bank.OrderBy(other => Apart(star, other)).Take(k).Sum(other => Math.Exp(Apart(image[strangest], other)));
        var weight = k == 1 ? 1 : 1 - Math.Exp(nearest.Max()) / sum;
        Assert.Equal(weight * nearest.Max(), found.Score, 1e-5);
        Assert.Equal(Math.Min(k, 40), found.Nearest.Count);
        Assert.Equal(Array.IndexOf(bank, star) / 10, positions.OwnerOf(found.Nearest[0]));
    }

    /// <summary>Each position that is kept is the farthest from those before, so that half of them leave none far.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void The_coreset_is_the_greedy_one(long seed)
    {
        using var scope = NewDisposeScope();
        var all = Vectors(5, 60);
        using var bank = PositionBank.Of(Of(all), [.. Enumerable.Range(0, 60)], 20, seed);
        var chosen = Enumerable.Range(0, bank.Count).Select(bank.OwnerOf).ToArray();
        Assert.Equal(20, chosen.Distinct().Count());
        for (var i = 1; i < chosen.Length; i++)
        {
            var far = all.Select(one => chosen[..i].Min(other => Apart(one, all[other]))).ToArray();
            Assert.Equal(far.Max(), far[chosen[i]], 1e-3);
        }
        using var again = PositionBank.Of(Of(all), [.. Enumerable.Range(0, 60)], 20, seed);
        Assert.Equal(chosen, Enumerable.Range(0, bank.Count).Select(again.OwnerOf));
    }

    [Fact]
    public void An_image_is_left_out_of_its_own_bank_and_equal_positions_do_no_harm()
    {
        using var scope = NewDisposeScope();
        var one = Vectors(6, 8);
        using var bank = PositionBank.Of(Of([.. one, .. one]), [.. Enumerable.Range(0, 16).Select(i => i / 8)], 16, seed: 1);
        Assert.Equal(16, bank.Count);
        Assert.Equal(0, bank.Of(Of(one), 3).Score, 1e-3);
        using var rest = bank.Without(0)!;
        Assert.Equal(8, rest.Count);
        Assert.All(Enumerable.Range(0, 8), place => Assert.Equal(1, rest.OwnerOf(place)));
        Assert.Null(rest.Without(1));
    }

    /// <summary>Vectors of more channels than a choice is made in: the projection keeps far ones apart.</summary>
    [Fact]
    public void Of_many_channels_the_choice_still_covers_all_kinds()
    {
        using var scope = NewDisposeScope();
        var random = CounterRandom.For(1, "kinds");
        var kinds = Enumerable.Range(0, 10).Select(_ => Enumerable.Range(0, 300).Select(_ => random.NextNormal()).ToArray()).ToArray();
        var all = Enumerable.Range(0, 200).Select(i => kinds[i % 10].Select(x => x + 0.05 * random.NextNormal()).ToArray()).ToArray();
        using var bank = PositionBank.Of(Of(all), [.. Enumerable.Range(0, 200).Select(i => i % 10)], 10, seed: 4);
        Assert.Equal(Enumerable.Range(0, 10), Enumerable.Range(0, 10).Select(bank.OwnerOf).Order());
    }

    /// <summary>Of constant maps a mean is a mean; of a ramp it is the middle's, but at the rim.</summary>
    [Fact]
    public void Positions_are_means_of_the_middle_levels()
    {
        using var scope = NewDisposeScope();
        var ramp = arange(4, ScalarType.Float32).expand(1, 1, 4, 4).contiguous();
        var positions = PositionBank.Positions(
            [zeros(1, 9, 8, 8), ramp, tensor(new[] { 3f, 5f }, [1, 1, 1, 2]).expand(1, 1, 2, 2).contiguous(), ones(1, 7, 1, 1)],
            out var columns);
        Assert.Equal([1, 16, 2], positions.shape);
        Assert.Equal(4, columns);
        // Pooled, the coarse level is 4 everywhere, since each of its means is over both columns.
        float[][] expected = [[0.5f, 4], [1, 4], [2, 4], [2.5f, 4]];
        for (var i = 0; i < 16; i++) Assert.Equal(expected[i % 4], positions[0, i].data<float>().ToArray());
        Assert.Equal([1, 4, 3], PositionBank.Positions([ones(1, 3, 2, 2)], out _).shape);
    }

    private static double[][] Vectors(int seed, int count)
    {
        var random = CounterRandom.For(8, "positions", seed);
        return
        [
            .. Enumerable.Range(0, count)
                .Select(_ => Enumerable.Range(0, Channels).Select(_ => (double)(float)random.NextNormal()).ToArray()),
        ];
    }

    private static Tensor Of(double[][] rows) =>
        tensor(rows.SelectMany(row => row).Select(x => (float)x).ToArray(), [rows.Length, rows[0].Length]);

    /// <summary>Of both over their lengths.</summary>
    private static double Apart(double[] a, double[] b)
    {
        var (lengthA, lengthB) = (Math.Sqrt(a.Sum(x => x * x)), Math.Sqrt(b.Sum(x => x * x)));
        return Math.Sqrt(a.Zip(b, (x, y) => Math.Pow(x / lengthA - y / lengthB, 2)).Sum());
    }
}
