namespace DataSsl.Generator.Tests;

/// <summary>What a checkpoint, a run and a search are matched by.</summary>
public sealed class HashTests
{
    /// <summary>
    /// What changes the choices alone leaves the weights' hash as it is, what changes the largest network does not; the whole hash sees
    /// both.
    /// </summary>
    [Theory]
    [InlineData("anchors:", "constraints: [stage1.depth == 1]\nanchors:", false)]
    [InlineData("stem: { resolution: low, width: [8, 16] }", "stem: { resolution: low, width: [4, 8, 12, 16] }", false)]
    [InlineData("width: { from: 8, to: 16, step: 4 }", "width: 16", false)]
    [InlineData("width: { from: 8, to: 16, step: 4 }", "width: { from: 8, to: 20, step: 4 }", true)]
    [InlineData("depth: { from: 1, to: 2 }", "depth: { from: 1, to: 3 }", true)]
    [InlineData("resolution: low, ", "", true)]
    [InlineData("depth: 1 }", "depth: 1, stride: 1 }", true)]
    public void The_hash_of_the_weights_is_the_largest_networks(string from, string to, bool changes)
    {
        Assert.Contains(from, TestSpaces.Tiny);
        var (plan, edited) = (TestSpaces.Plan(TestSpaces.Tiny), TestSpaces.Plan(TestSpaces.Tiny.Replace(from, to)));
        Assert.NotEqual(plan.Hash(), edited.Hash());
        Assert.Equal(changes, plan.WeightsHash() != edited.WeightsHash());
    }

    [Theory]
    [InlineData("namespace: Acme.Spaces", "namespace: Other")]
    [InlineData("Half: { width: [8, 4, 6], depth: [2, 1] }", "Third: { width: [8, 4, 6], depth: [1, 1] }")]
    [InlineData("anchors:", "budgets: { all: <=1G }\nanchors:")]
    [InlineData("size: 32", "size: 48")]
    public void Names_and_sizes_enter_no_hash(string from, string to)
    {
        Assert.Contains(from, TestSpaces.Tiny);
        var (plan, edited) = (TestSpaces.Plan(TestSpaces.Tiny), TestSpaces.Plan(TestSpaces.Tiny.Replace(from, to)));
        Assert.Equal((plan.Hash(), plan.WeightsHash()), (edited.Hash(), edited.WeightsHash()));
    }
}
