using DataSsl.Runtime.Evaluation;

namespace DataSsl.Runtime.Tests.Evaluation;

public sealed class LabelShareTests
{
    /// <summary>About 900 of class 0, 90 of class 1 and 10 of class 2, mixed.</summary>
    private static readonly int[] Labels = [.. Enumerable.Range(0, 1000).Select(i => i % 100 == 7 ? 2 : i % 11 == 3 ? 1 : 0)];

    [Theory]
    [InlineData(0.003)]
    [InlineData(0.01)]
    [InlineData(0.025)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Classes_are_as_equal_as_they_can_be(double share)
    {
        var drawn = LabelShare.Balanced(Labels, share, seed: 4);
        Assert.Equal((int)Math.Round(share * 1000), drawn.Length);
        Assert.Equal(drawn.Order().Distinct(), drawn);
        var counts = Counts(drawn);
        foreach (var (label, count) in counts)
            Assert.True(
                count == Labels.Count(l => l == label) || count >= counts.Values.Max() - 1,
                $"class {label} has {count}, another {counts.Values.Max()}");
    }

    [Fact]
    public void Every_class_has_one_however_small_the_share() =>
        Assert.Equal([1, 1, 1], Counts(LabelShare.Balanced(Labels, 1e-6, seed: 4)).Values);

    [Fact]
    public void A_smaller_share_lies_within_a_larger_one()
    {
        var shares = new[] { 0.01, 0.1, 0.3, 1 }.Select(share => LabelShare.Balanced(Labels, share, seed: 4)).ToArray();
        for (var i = 1; i < shares.Length; i++) Assert.Subset(shares[i].ToHashSet(), shares[i - 1].ToHashSet());
    }

    [Fact]
    public void The_seed_decides()
    {
        Assert.Equal(LabelShare.Balanced(Labels, 0.05, 1), LabelShare.Balanced(Labels, 0.05, 1));
        Assert.NotEqual(LabelShare.Balanced(Labels, 0.05, 1), LabelShare.Balanced(Labels, 0.05, 2));
    }

    [Fact]
    public void Holding_out_takes_a_share_of_each_class_and_never_its_last_image()
    {
        int[] labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2];
        var (kept, heldOut) = LabelShare.HoldOut(labels, 0.3, seed: 1, "test");
        Assert.Equal(Enumerable.Range(0, labels.Length), kept.Concat(heldOut).Order());
        Assert.Equal([3, 1], heldOut.GroupBy(i => labels[i]).OrderBy(g => g.Key).Select(g => g.Count()));
    }

    private static SortedDictionary<int, int> Counts(int[] indices) =>
        new(indices.GroupBy(i => Labels[i]).ToDictionary(g => g.Key, g => g.Count()));
}
