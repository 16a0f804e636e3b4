using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Candidates;

public sealed class CandidateFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ReadsNamesIndicesAndTextsAndPassesOverComments()
    {
        var twelfth = Tiny.Space.FromIndex(12);
        var listed = Read($"""
            # The list of a test.
            OffGrid
            #12     # an index is no comment
               {Tiny.Space.FromIndex(30)}   # with one behind

            ##13
            max
            {twelfth}
            """);
        Assert.Equal([Tiny.Space.Parse("OffGrid"), twelfth, Tiny.Space.FromIndex(30), Tiny.Space.Max], listed);
    }

    [Theory]
    [InlineData("Max\n\nResNet5O\n", ", line 3: 'ResNet5O' is not an architecture of Tiny: give OffGrid, Max, Min, '#0' to '#")]
    [InlineData("#1000000", ", line 1: '#1000000' is not an architecture of Tiny: give OffGrid, Max, Min, '#0' to '#")]
    [InlineData("# nothing\n\n", ": names no architecture; give one a line: ")]
    [InlineData("", ": names no architecture; ")]
    public void AMistakeIsNamedWithItsPlace(string text, string message)
    {
        var error = Assert.Throws<UserException>(() => Read(text)).Message;
        Assert.StartsWith(folder.File("list.txt") + message, error);
    }

    [Fact]
    public void AMissingFileIsSaid() =>
        Assert.Contains("no such file", Assert.Throws<UserException>(() => CandidateFile.Read(Tiny.Space, folder.File("none"))).Message);

    [Fact]
    public void BudgetsTakeTheirShareOfAList()
    {
        var listed = Read("Max\nMin\nOffGrid\n");
        var least = Tiny.Space.Parameters(Tiny.Space.Min);
        Budget[] budgets = [Budget.All, new(Measure.Parameters, 0, least + 1)];
        var set = CandidateSet.Among(listed, budgets, 16, "list.txt");
        Assert.Equal([Tiny.Space.Min, Tiny.Space.Parse("OffGrid"), Tiny.Space.Max], set.Groups[Budget.All]);
        Assert.Equal([Tiny.Space.Min], set.Groups[budgets[1]]);
        Assert.Equal(set.Groups[Budget.All], set.All);
        var none = new Budget(Measure.Parameters, 0, least);
        var error = Assert.Throws<UserException>(() => CandidateSet.Among(listed, [none], 16, "list.txt")).Message;
        Assert.Equal(
            FormattableString.Invariant(
                $"list.txt: none of its architectures is within the budget {none} at 16 pixels; their costs are {least:N0} to {Tiny.Space.Parameters(Tiny.Space.Max):N0}"),
            error);
    }

    private IReadOnlyList<Architecture> Read(string text)
    {
        File.WriteAllText(folder.File("list.txt"), text);
        return CandidateFile.Read(Tiny.Space, folder.File("list.txt"));
    }
}
