using DataSsl.Search.Report;

namespace DataSsl.Search.Tests.Report;

public class ReportTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(999_600, "1.00 M")]
    [InlineData(3_612_345_678, "3.61 G")]
    [InlineData(25_557_032, "25.6 M")]
    [InlineData(123_456, "123 k")]
    [InlineData(35e12, "35.0 T")]
    public void NumbersHaveThreeDigitsAndAPrefix(double value, string expected) => Assert.Equal(expected, Numbers.Short(value));

    [Theory]
    [InlineData(0.25, "0.3 s")]
    [InlineData(75, "1 min 15 s")]
    [InlineData(4321.5, "1 h 12 min")]
    [InlineData(90000, "1 d 1 h")]
    public void DurationsHaveTwoUnits(double seconds, string expected) => Assert.Equal(expected, Numbers.Duration(seconds));

    [Theory]
    [InlineData("3-4G", 3e9, 4e9)]
    [InlineData("300-400M", 3e8, 4e8)]
    [InlineData("0.5..1.5g", 5e8, 1.5e9)]
    [InlineData("<=4G", 0, 4e9)]
    [InlineData("macs<=4.5G", 0, 4.5e9)]
    public void BudgetsOnMacsAreBands(string budget, double low, double high) => Assert.Equal(new BudgetBand(low, high), BudgetBand.Of(budget));

    [Theory]
    [InlineData("params<=30M")]
    [InlineData("latency<=5ms")]
    [InlineData("3-4G,params<=30M")]
    [InlineData("")]
    public void OtherBudgetsAreNot(string budget) => Assert.Null(BudgetBand.Of(budget));

    [Fact]
    public void AnArchitectureIsSegments() =>
        Assert.Equal([new("stem", 32, 1), new("stage1", 48, 2)], ArchitectureText.Parse("stem=32 stage1=48x2")!);

    [Theory]
    [InlineData("")]
    [InlineData("stem")]
    [InlineData("stem=")]
    [InlineData("stem=0")]
    [InlineData("stem=32x2x3")]
    [InlineData("stem=-1")]
    [InlineData("stem=999999999999")]
    public void OtherTextIsNone(string text) => Assert.Null(ArchitectureText.Parse(text));

    [Fact]
    public void ADiagramHasABarForEachBlock()
    {
        const string architecture = "stem=32 stage1=48x2 stage2=96x4";

        Assert.Equal(7, new ArchitectureDiagram([architecture]).Draw(architecture)!.Descendants("rect").Count());
    }
}
