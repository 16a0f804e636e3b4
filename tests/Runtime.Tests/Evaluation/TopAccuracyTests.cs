using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

public sealed class TopAccuracyTests
{
    [Fact]
    public void Counts_equal_sorting_by_hand()
    {
        var random = CounterRandom.For(1, "scores");
        var rows = new float[200][];
        var labels = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new float[9];
            foreach (ref var score in rows[i].AsSpan()) score = (float)random.NextNormal();
            labels[i] = (int)random.Below(9);
        }
        using var scores = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, 9]);
        var ranks = rows.Zip(labels, (row, label) => row.Count(score => score > row[label])).ToArray();
        Assert.Equal(new TopAccuracy(new(ranks.Count(r => r < 1), 200), new(ranks.Count(r => r < 5), 200)), TopAccuracy.Of(scores, labels));
    }

    [Fact]
    public void Five_classes_have_no_top_5()
    {
        using var scores = tensor(new float[] { 1, 2, 3, 4, 5 }, [1, 5]);
        Assert.Equal(new TopAccuracy(new(1, 1), null), TopAccuracy.Of(scores, [4]));
    }

    [Fact]
    public void A_class_without_a_vote_is_not_among_the_five()
    {
        using var bank = tensor(new float[] { 1, 0, 0, 1 }, [2, 2]);
        using var votes = KnnClassifier.Votes(bank, [0, 1], classes: 6, bank, k: 2);
        // Both have votes for classes 0 and 1 alone.
        Assert.Equal(new TopAccuracy(new(1, 2), new(1, 2)), TopAccuracy.Of(votes, [0, 3]));
    }

    [Fact]
    public void A_low_temperature_keeps_the_nearest()
    {
        using var bank = tensor(new float[] { 1, 0, 0, 1 }, [2, 2]);
        Assert.Equal(1, KnnClassifier.Accuracy(bank, [0, 1], bank, [0, 1], k: 2, temperature: 1e-3));
    }

    /// <summary>A network that diverged names no class; it must not count as the first.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_score_that_is_no_number_is_refused(float odd)
    {
        using var scores = tensor(new float[] { 1, 2, odd, 2, 3, 4 }, [2, 3]);
        Assert.Contains("not finite", Assert.Throws<InvalidOperationException>(() => TopAccuracy.Of(scores, [0, 0])).Message);
    }
}
