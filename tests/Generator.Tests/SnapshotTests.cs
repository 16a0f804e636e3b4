using DataSsl.Generator.Emit;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>The emitted text: what a user reads.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public Task Supernet() => Verify(Driver.Run(("tiny.space.yaml", TestSpaces.Tiny)));

    [Fact]
    public Task BasicSupernet() => Verify(Driver.Run(("basic.space.yaml", TestSpaces.Basic)));

    [Fact]
    public Task BasicClass() => Verify(Anchor(TestSpaces.Basic, "BasicNet"), "cs");

    [Fact]
    public Task FoldedBasicClass() => Verify(WithoutConvolution(Anchor(TestSpaces.Basic, "BasicFolded", head: 10, folded: true)), "cs");

    [Fact]
    public Task MobileSupernet() => Verify(Driver.Run(("mobile.space.yaml", TestSpaces.Mobile)));

    [Fact]
    public Task MobileClass() => Verify(Anchor(TestSpaces.Mobile, "MobileNet"), "cs");

    [Fact]
    public Task FoldedMobileClass() =>
        Verify(WithoutConvolution(Anchor(TestSpaces.Mobile, "MobileNetFolded", head: 10, folded: true)), "cs");

    [Fact]
    public Task FoldedClass() => Verify(WithoutConvolution(Anchor(TestSpaces.Tiny, "TinyFolded", folded: true)), "cs");

    /// <summary>It has nothing to fold.</summary>
    [Fact]
    public void A_folded_transformer_is_the_transformer() =>
        Assert.Equal(Anchor(TestSpaces.Transformer, "Transformer"), Anchor(TestSpaces.Transformer, "Transformer", folded: true));

    [Fact]
    public Task TransformerSupernet() => Verify(Driver.Run(("transformer.space.yaml", TestSpaces.Transformer)));

    [Fact]
    public Task TransformerClass() => Verify(Anchor(TestSpaces.Transformer, "Transformer", head: 10), "cs");

    [Theory]
    [InlineData("Tiny")]
    [InlineData("Basic")]
    [InlineData("Mobile")]
    [InlineData("Transformer")]
    public Task PureClass(string kind)
    {
        var plan = TestSpaces.Plan(
            kind switch
            {
                "Tiny" => TestSpaces.Tiny,
                "Basic" => TestSpaces.Basic,
                "Mobile" => TestSpaces.Mobile,
                _ => TestSpaces.Transformer,
            });
        var source = SpaceCompiler.EmitPureClass(
            plan,
            new(
                "PureNet", "Acme.Models", plan.Space.Anchors[0].Choices, plan.Space.InputSize, default,
                Head: kind == "Transformer" ? 10 : 0));
        // The kernels below the class are source files of their own.
        return Verify(
            source[..source.IndexOf("#pragma warning disable CS1573", StringComparison.Ordinal)], "cs", method: $"Pure{kind}Class");
    }

    [Fact]
    public Task FixedClass()
    {
        var plan = TestSpaces.Plan(TestSpaces.Tiny);
        var spec = new FixedClassSpec(
            "TinyHalf", "Acme.Models", plan.Space.Anchors[0].Choices, 32,
            new[] { "The anchor Half of the space Tiny." }.ToEquatableArray());
        return Verify(WithoutReader(SpaceCompiler.EmitFixedClass(plan, spec)), "cs");
    }

    /// <summary>The class of a space's first anchor.</summary>
    private static string Anchor(string space, string name, int head = 0, bool folded = false)
    {
        var plan = TestSpaces.Plan(space);
        return WithoutReader(
            SpaceCompiler.EmitFixedClass(
                plan, new FixedClassSpec(name, "Acme.Models", plan.Space.Anchors[0].Choices, plan.Space.InputSize, default, head, folded)));
    }

    /// <summary>The reader of the weights at the end of the class is source files of its own.</summary>
    private static string WithoutReader(string source) =>
        source[..source.LastIndexOf("\n\n    /// <summary>\n    /// The header of a safetensors file", StringComparison.Ordinal)];

    /// <summary>So is the convolution of a folded class: both files stand there, as they are compiled and tested.</summary>
    private static string WithoutConvolution(string source)
    {
        var files = KernelSource.For(["FusedConv2d"]);
        Assert.Equal(2, files.Count);
        var below = string.Concat(files.Select(file => "\n\n    " + file.Nested.Replace("\n", "\n    ").Replace("\n    \n", "\n\n")));
        Assert.EndsWith(below, source.TrimEnd(), StringComparison.Ordinal);
        return source[..source.LastIndexOf(below, StringComparison.Ordinal)];
    }
}
