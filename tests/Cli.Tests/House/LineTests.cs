using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DataSsl.Cli.Tests.House;

/// <summary>Lines are as long as a reader takes in at once. Only a string that nobody cut may be longer, with little beside it.</summary>
public sealed class LineTests
{
    private const int Most = 140;

    /// <summary>Columns beside a string that is not cut.</summary>
    private const int Beside = 80;

    [Fact]
    public void Lines_end_by_column_140() => Assert.Equal([], Picture.AllSources().SelectMany(file => TooLong(file.Path, file.Text)));

    [Theory]
    [InlineData(false, 140, 0)]
    [InlineData(true, 141, 0)]
    [InlineData(false, 200, 130)]
    [InlineData(true, 200, 110)]
    public void A_line_that_is_too_long_is_caught(bool caught, int columns, int ofString)
    {
        var line = $"var {new string('a', columns - ofString - 10)} = \"{new string('b', ofString)}\";";
        Assert.Equal(caught ? ["planted.cs line 2"] : [], TooLong("planted.cs", $"\n{line}\n"));
        Assert.Empty(TooLong("planted.cs", $"var text = \"\"\"\n{line}\n\"\"\";"));
    }

    private static IEnumerable<string> TooLong(string path, string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text);
        var strings = tree.GetRoot().DescendantNodes()
            .Where(node => node is InterpolatedStringExpressionSyntax || node.IsKind(SyntaxKind.StringLiteralExpression))
                .Select(node => node.Span).ToList();
        foreach (var line in tree.GetText().Lines.Where(line => line.Span.Length > Most))
            if (line.Span.Length - strings.Select(s => line.Span.Intersection(s)?.Length ?? 0).DefaultIfEmpty().Max() > Beside)
                yield return $"{path} line {line.LineNumber + 1}";
    }
}
