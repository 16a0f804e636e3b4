using DataSsl.Runtime;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;

namespace DataSsl.Search.Tests.Results;

public sealed class BootstrapTests
{
    private const int Units = 200;

    /// <summary>The interval of a mean is the mean and 1.96 standard errors about it.</summary>
    [Fact]
    public void TheIntervalIsThatOfAMean()
    {
        var values = Draw(0, 1, seed: 1);
        using var bootstrap = new Bootstrap(Units, seed: 0);
        var (low, high, _) = bootstrap.Compare(values, [values]);
        var error = Math.Sqrt(values.Select(v => Math.Pow(v - values.Average(), 2)).Average() / Units);
        Assert.Equal(values.Average() - 1.96 * error, low, 0.2 * error);
        Assert.Equal(values.Average() + 1.96 * error, high, 0.2 * error);
    }

    /// <summary>Nineteen of twenty intervals hold the mean, of few images too; of one there is none.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void OfFewImagesItIsAsWideAsItMustBe(int images)
    {
        const int rounds = 400;
        var held = 0;
        using var bootstrap = new Bootstrap(images, seed: 0);
        for (var round = 0; round < rounds; round++)
        {
            var values = Draw(0, 1, seed: (ulong)(9_000_000 + round))[..images];
            var (low, high, _) = bootstrap.Compare(values, [values]);
            if (low <= 0 && 0 <= high) held++;
        }
        Assert.InRange(held, 0.92 * rounds, 0.99 * rounds);
    }

    [Fact]
    public void OneImageSaysNothing()
    {
        using var bootstrap = new Bootstrap(1, seed: 0);
        Assert.Throws<InvalidOperationException>(() => bootstrap.Compare([0.5f], [new[] { 0.5f }]));
    }

    /// <summary>
    /// Images that are hard for both say nothing of their difference: a constant lead is certain however widely the images differ.
    /// </summary>
    [Fact]
    public void DifferencesArePaired()
    {
        var winner = Draw(0, 10, seed: 1);
        using var bootstrap = new Bootstrap(Units, seed: 0);
        var (_, _, tied) = bootstrap.Compare(
            winner, [winner, winner.Select(v => v - 0.01f).ToArray(), winner.Select(v => v + 0.01f).ToArray()]);
        Assert.Equal([true, false, true], tied);
    }

    /// <summary>
    /// Of many that are equally good the best on some images is ahead by chance, and the more there are the farther: 95 % of them are still
    /// tied with it.
    /// </summary>
    [Theory]
    [InlineData(2, 400, 0)]
    [InlineData(20, 100, 0)]
    [InlineData(20, 100, 0.9)]
    [InlineData(1_000, 4, 0)]
    [InlineData(1_000, 4, 0.9)]
    [InlineData(8_000, 1, 0)]
    public void EqualsAreTiedHoweverManyThereAre(int count, int rounds, double shared)
    {
        var tied = 0L;
        for (var round = 0; round < rounds; round++)
        {
            var (members, best) = Candidates(count, round, shared, _ => 0);
            using var bootstrap = new Bootstrap(Units, round);
            tied += bootstrap.Compare(members[best].Span, members).Tied.Count(t => t);
        }
        Assert.InRange(tied / (double)(count * rounds), 0.93, 0.99);
    }

    /// <summary>
    /// The truly best of a thousand is among those tied in 95 % of the draws, and most of those far behind are not: they do not widen what
    /// chance may do to the others.
    /// </summary>
    [Fact]
    public void TheBestIsAmongThemAndTheFarAreNot()
    {
        const int rounds = 30;
        var (held, ties) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            // The first is the best; ten follow by a tenth of a standard error each; all others lie 10 and more behind, and spread widely.
            var error = 1 / Math.Sqrt(Units);
            var (members, best) = Candidates(500, round, 0, i => i < 11 ? -0.1 * error * i : -30 * error, i => i < 11 ? 1 : 3);
            using var bootstrap = new Bootstrap(Units, round);
            var tied = bootstrap.Compare(members[best].Span, members).Tied;
            if (tied[0]) held++;
            ties += tied.Count(t => t);
        }
        Assert.InRange(held, 0.9 * rounds, rounds);
        Assert.InRange(ties / (double)rounds, 8, 14);
    }

    /// <summary>
    /// Two candidates are the paired comparison of a textbook: tied where the lead is below 1.645 standard errors of the difference.
    /// </summary>
    [Fact]
    public void OfTwoItIsThePairedComparison()
    {
        var (tied, below) = (0, 0);
        for (var round = 0; round < 300; round++)
        {
            var (members, best) = Candidates(2, round, 0.5, i => 0.12 * i);
            var difference = members[best].ToArray().Zip(members[1 - best].ToArray(), (a, b) => (double)a - b).ToArray();
            var error = Math.Sqrt(difference.Sum(d => Math.Pow(d - difference.Average(), 2)) / (Units - 1) / Units);
            var sigmas = difference.Average() / error;
            using var bootstrap = new Bootstrap(Units, round);
            var tie = bootstrap.Compare(members[best].Span, members).Tied[1 - best];
            // Draws differ; only the clear cases are compared.
            if (Math.Abs(sigmas - 1.645) < 0.25) continue;
            Assert.Equal(sigmas < 1.645, tie);
            (tied, below) = (tied + (tie ? 1 : 0), below + (tie ? 0 : 1));
        }
        Assert.True(tied > 20 && below > 20);
    }

    [Fact]
    public void NeighbouringImagesAreJoinedWhereTheyDoNotFit()
    {
        Assert.Equal(16, ImageUnits.Count(85_293, 16, 4));
        Assert.InRange(ImageUnits.Count(85_293, 1_000, 4), 32, 256L * 1024 * 1024 / 4 / 85_293 / 4);
        double[] likeness = [1, 2, 3, 4, 5, 10, 20, 30, 40, 50];
        Assert.Equal([1.5f, 4f, 15f, 40f], ImageUnits.Of(likeness, tasks: 2, units: 2));
        Assert.Equal([3, 30], ImageUnits.Scores(likeness, tasks: 2));
    }

    /// <summary>Candidates whose scores on an image share what the image does to all, and which of them came out best.</summary>
    private static (ReadOnlyMemory<float>[] Members, int Best) Candidates(
        int count, int round, double shared, Func<int, double> mean, Func<int, double>? spread = null)
    {
        var images = Draw(0, 1, seed: (ulong)(1_000_000 + round));
        var members = new ReadOnlyMemory<float>[count];
        for (var i = 0; i < count; i++)
        {
            var own = Draw(0, spread?.Invoke(i) ?? 1, seed: (ulong)(round * 10_000 + i));
            for (var unit = 0; unit < Units; unit++)
                own[unit] = (float)(mean(i) + Math.Sqrt(shared) * images[unit] + Math.Sqrt(1 - shared) * own[unit]);
            members[i] = own;
        }
        return (members, members.Select((m, i) => (Mean: m.ToArray().Average(v => (double)v), i)).MaxBy(m => m.Mean).i);
    }

    private static float[] Draw(double mean, double spread, ulong seed)
    {
        var random = CounterRandom.For(seed, "bootstrap tests");
        var values = new float[Units];
        foreach (ref var value in values.AsSpan()) value = (float)(mean + spread * random.NextNormal());
        return values;
    }
}
