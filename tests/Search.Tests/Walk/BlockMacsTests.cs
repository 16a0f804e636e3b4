using DataSsl.Search.Walk;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Walk;

public sealed class BlockMacsTests
{
    /// <summary>
    /// Table 1 of DATA at 224 pixels, by independent arithmetic: 569.8 TMACs an image one by one, 35.24 with each prefix once, in 135,387
    /// blocks instead of 2,302,911.
    /// </summary>
    [Fact]
    public void TheWholeOfTable1CostsASixteenth()
    {
        var all = DataResNet.Space.All().ToList();
        var macs = new BlockMacs(DataResNet.Space, 224);
        Assert.Equal(35.24, macs.OfTrie(all) / 1e12, 0.005);
        Assert.Equal(569.8, macs.OneByOne(all) / 1e12, 0.05);
        // The paper's blocks are those of the stages; the three stems are counted beside them.
        Assert.Equal(135_387 + 3, new PrefixNode(all).Cost((_, _, _) => 1));
        Assert.Equal(2_302_911, all.Sum(a => Enumerable.Range(1, 4).Sum(a.Depth)));
    }

    [Fact]
    public void BlocksSumToTheNetwork()
    {
        var macs = new BlockMacs(Tiny.Space, 16);
        foreach (var a in Tiny.Space.All()) Assert.Equal(Tiny.Space.Macs(a, 16), macs.OfTrie([a]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void ADealIsFairAndComplete(int processes)
    {
        var (all, macs) = (Tiny.Space.All().ToList(), new BlockMacs(Tiny.Space, 16));
        var shares = macs.Deal(all, processes);
        Assert.Equal(all, shares.SelectMany(s => s).OrderBy(Tiny.Space.IndexOf));
        var costs = shares.Select(s => macs.OfTrie([.. s])).ToList();
        // What neighbours would have shared is computed twice, at most a path for each process.
        Assert.True(costs.Sum() <= macs.OfTrie(all) + processes * Tiny.Space.Macs(Tiny.Space.Max, 16));
        Assert.True(costs.Max() <= macs.OfTrie(all) / processes + 2 * Tiny.Space.Macs(Tiny.Space.Max, 16));
    }
}
