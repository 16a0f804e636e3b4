using DataSsl.Runtime;
using DataSsl.Search.Emit;
using DataSsl.Search.Results;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Emit;

/// <summary>The rule of an emitted winner's name: space, budget, task.</summary>
public sealed class WinnerNamesTests
{
    [Theory]
    [InlineData("3-4G", "detection", "DataResNet_3G_Detection")]
    [InlineData("3-4G", "detection-c4", "DataResNet_3G_DetectionC4")]
    [InlineData("2-4G", "classification", "DataResNet_2to4G_Classification")]
    [InlineData("1.5-2G", "classification", "DataResNet_1_5to2G_Classification")]
    [InlineData("<=4G", "segmentation", "DataResNet_Upto4G_Segmentation")]
    [InlineData("params<=25M", "classification", "DataResNet_ParamsUpto25M_Classification")]
    [InlineData("memory<=8M", "classification", "DataResNet_MemoryUpto8M_Classification")]
    [InlineData("latency<=40ms", "classification", "DataResNet_LatencyUpto40ms_Classification")]
    [InlineData("3-4G and params<=25M", "detection", "DataResNet_3GAndParamsUpto25M_Detection")]
    [InlineData("params<=25M and <=4G and memory<=8M", "my-own", "DataResNet_Upto4GAndParamsUpto25MAndMemoryUpto8M_MyOwn")]
    public void SpaceBudgetAndTaskMakeTheName(string budget, string task, string name) =>
        Assert.Equal([name], WinnerNames.Of(WinnerNames.Usual, DataResNet.Space, [Winner(budget, task)], "Acme.Models"));

    /// <summary>All budgets and tasks of one search give names apart, each of which a class can have.</summary>
    [Fact]
    public void NamesOfOneSearchDiffer()
    {
        string[] budgets =
        [
            "3-4G", "<=4G", "0-4G", "3-4M", "params<=25M", "params=3-4G", "memory<=25M", "3-4G and params<=25M", "<=3.4G", "3.4-4G",
        ];
        var winners = budgets.SelectMany(budget => new[] { "classification", "detection", "detection-c4", "segmentation" }, Winner)
            .ToList();
        var names = WinnerNames.Of(WinnerNames.Usual, DataResNet.Space, winners, "Acme.Models");
        Assert.Equal(winners.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    /// <summary>Two tasks of a user's own whose names differ in a hyphen alone.</summary>
    [Fact]
    public void OneNameForTwoIsRefused() => Assert.Contains(
        "gives 'DataResNet_3G_MyOwn' to two winners, 3-4G for my-own and 3-4G for myOwn",
        Assert.Throws<UserException>(
            () =>
                WinnerNames.Of(WinnerNames.Usual, DataResNet.Space, [Winner("3-4G", "my-own"), Winner("3-4G", "myOwn")], "Acme")).Message);

    private static Winner Winner(string budget, string task) => new(task, budget, null!, 1);
}
