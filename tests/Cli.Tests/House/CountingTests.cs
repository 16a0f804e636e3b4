using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DataSsl.Cli.Tests.House;

/// <summary>
/// The count of live tensors is the whole process': a test that reads it runs alone and after what others forgot is freed, or it fails
/// now and then for what another test does.
/// </summary>
public sealed class CountingTests
{
    [Fact]
    public void Tests_that_count_live_tensors_run_alone() => Assert.Equal([], Picture.AllSources().Where(file =>
        // Its own runner never runs two tests at once.
        !file.Path.Contains("Gpu.Tests", StringComparison.Ordinal)).SelectMany(file => Careless(file.Path, file.Text)));

    [Theory]
    [InlineData(true, "", "Forgotten.Free();")]
    [InlineData(true, "[Collection(Alone)]", "")]
    [InlineData(false, "[Collection(Alone)]", "Forgotten.Free();")]
    public void One_that_does_not_is_caught(bool caught, string collection, string free)
    {
        var text = $$"""{{collection}} class A { [Fact] void B() { {{free}} var before = Tensor.TotalCount; } }""";
        Assert.Equal(caught ? ["planted.cs: A"] : [], Careless("planted.cs", text));
    }

    private static IEnumerable<string> Careless(string path, string text)
    {
        foreach (var type in CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())
        {
            var calls = type.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Select(call => call.ToString()).ToHashSet();
            var isTest = type.Members.SelectMany(member => member.AttributeLists).SelectMany(list => list.Attributes)
                .Any(attribute => attribute.Name.ToString() is "Fact" or "Theory");
            var isAlone = type.AttributeLists.SelectMany(list => list.Attributes)
                .Any(attribute => attribute.Name.ToString() == "Collection");
            if (isTest && calls.Any(IsCount) && !(isAlone && calls.Contains("Forgotten.Free"))) yield return $"{path}: {type.Identifier}";
        }
    }

    private static bool IsCount(string call) =>
        call.EndsWith("LiveTensors.Count", StringComparison.Ordinal) || call.EndsWith("Tensor.TotalCount", StringComparison.Ordinal);
}
