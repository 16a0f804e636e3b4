using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Costs;

/// <summary>Times of pure classes, by a thread that waits for no other: two on a busy machine measure whom they wait for.</summary>
[Collection(SingleThread.Name)]
public sealed class PureLatencyTests
{
    /// <summary>
    /// Every pass of a pure class but those of stem, pooling and the like is a block's, and no two blocks share one: the sum of the
    /// blocks foretells a deeper network than any that was timed.
    /// </summary>
    [Theory]
    [InlineData(LatencyForm.CSharp)]
    [InlineData(LatencyForm.CSharpInt8)]
    public void PureClassesAreTimedByTheirBlocks(LatencyForm form)
    {
        var deep = Small32.Space.Max;
        // Half a millisecond is soon lost to somebody else's work: three moments are not.
        var ratios = new List<double>();
        do
        {
            var table = LatencyTable.Measure(Small32.Space, 32, form, [deep], CPU);
            Assert.Contains($"timed as {BudgetText.NameOf(form)} on ", table.Description);
            ratios.Add(table.Predict(deep) / table.Whole(deep));
        }
        while (ratios[^1] is < 0.4 or > 2.5 && ratios.Count < 3);
        Assert.InRange(ratios[^1], 0.4, 2.5);
    }
}
