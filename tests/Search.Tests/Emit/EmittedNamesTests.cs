using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Runtime;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Search.Tests.Emit;

public sealed class EmittedNamesTests
{
    [Theory]
    [InlineData("DataResNet_3G_Classification", "DataSsl.Models")]
    [InlineData("Größe", "_1")]
    [InlineData("Damaged", "Acme.Metadata")]
    [InlineData("Refusal", "ChecksumDigits")]
    public void GoodNamesPass(string className, string @namespace)
    {
        EmittedNames.Check(Tiny.Space, className, @namespace);
        var spec = new FixedClassSpec(
            className, @namespace, Tiny.Space.Min.Choices.ToArray().ToEquatableArray(), 16, Array.Empty<string>().ToEquatableArray());
        InMemoryCompiler.Compile(
            "GoodNames", SpaceCompiler.EmitFixedClass(SpaceCompiler.Lower(SpaceCompiler.Parse("Tiny", Tiny.Space.Source).Space!), spec));
    }

    /// <summary>Every word of an emitted class that may be its name too: the class compiles under each.</summary>
    [Fact]
    public void WhatPassesCompilesThoughTheClassHoldsTheWord()
    {
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse("Tiny", Tiny.Space.Source).Space!);
        string Source(string className, string @namespace) =>
            SpaceCompiler.EmitFixedClass(
                plan,
                new(
                    className, @namespace, Tiny.Space.Min.Choices.ToArray().ToEquatableArray(), 16,
                    Array.Empty<string>().ToEquatableArray()));
        var words = CSharpSyntaxTree.ParseText(Source("Net", "Acme")).GetRoot().DescendantTokens()
            .Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.ValueText).Distinct();
        var passing = words.Where(word => Record.Exception(() => EmittedNames.Check(Tiny.Space, word, "Acme")) is null)
            .Where(word => word != "Net").ToList();
        Assert.True(passing.Count > 20, string.Join(' ', passing));
        InMemoryCompiler.Compile("EveryWord", [.. passing.Select((word, i) => Source(word, $"Acme.N{i}"))]);
    }

    [Theory]
    [InlineData("", "is not a C# identifier")]
    [InlineData("3x", "is not a C# identifier")]
    [InlineData("a b", "is not a C# identifier")]
    [InlineData("../Evil", "is not a C# identifier")]
    [InlineData("class", "is a C# keyword")]
    [InlineData("record", "is a C# keyword")]
    [InlineData("small", "has no capital letter")]
    [InlineData("Bottleneck", "would hide a name")]
    [InlineData("Tensor", "would hide a name")]
    [InlineData("Conv2d", "would hide a name")]
    public void BadClassNamesSayWhy(string className, string why)
    {
        var error = Assert.Throws<UserException>(() => EmittedNames.Check(Tiny.Space, className, "Acme.Models"));
        Assert.StartsWith($"class name '{className}' {why}", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("Acme.")]
    [InlineData("Acme.new")]
    [InlineData("Acme.System")]
    [InlineData("TorchSharp")]
    public void BadNamespacesSayWhy(string @namespace) =>
        Assert.StartsWith(
            $"namespace '{@namespace}': '", Assert.Throws<UserException>(() => EmittedNames.Check(Tiny.Space, "Net", @namespace)).Message);
}
