using DataSsl.Runtime;
using DataSsl.Search.Results;

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

    /// <summary>Images that are hard for both say nothing of their difference: a constant lead is certain however widely the images differ.</summary>
    [Fact]
    public void DifferencesArePaired()
    {
        var winner = Draw(0, 10, seed: 1);
        using var bootstrap = new Bootstrap(Units, seed: 0);
        var (_, _, tied) = bootstrap.Compare(winner, [winner, winner.Select(v => v - 0.01f).ToArray(), winner.Select(v => v + 0.01f).ToArray()]);
        Assert.Equal([true, false, true], tied);
    }

    /// <summary>A lead of less than 1.96 standard errors of the differences is no lead; brute force over draws of its own agrees member by member.</summary>
    [Fact]
    public void WhoIsTiedIsWhoABruteForceTies()
    {
        var winner = Draw(1, 1, seed: 1);
        var members = Enumerable.Range(0, 60).Select(i => Draw(1 - 0.01 * i, 1, seed: 100 + (ulong)i)).ToList();
        using var bootstrap = new Bootstrap(Units, seed: 0);
        var (_, _, tied) = bootstrap.Compare(winner, [.. members.Select(m => new ReadOnlyMemory<float>(m))]);
        var random = CounterRandom.For(77, "brute force");
        for (var i = 0; i < members.Count; i++)
        {
            var asGood = 0;
            for (var draw = 0; draw < 2_000; draw++)
            {
                var difference = 0.0;
                for (var unit = 0; unit < Units; unit++)
                {
                    var drawn = (int)random.Below(Units);
                    difference += winner[drawn] - members[i][drawn];
                }
                if (difference <= 0) asGood++;
            }
            // Draws differ; only the clear cases are compared.
            if (Math.Abs(asGood / 2_000.0 - 0.025) > 0.015) Assert.Equal(asGood >= 0.025 * 2_000, tied[i]);
        }
        Assert.Contains(true, tied);
        Assert.Contains(false, tied);
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

    private static float[] Draw(double mean, double spread, ulong seed)
    {
        var random = CounterRandom.For(seed, "bootstrap tests");
        var values = new float[Units];
        foreach (ref var value in values.AsSpan()) value = (float)(mean + spread * random.NextNormal());
        return values;
    }
}
