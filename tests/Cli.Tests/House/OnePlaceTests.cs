using System.Text.RegularExpressions;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Tests.House;

/// <summary>Numbers and words that several rooms must agree in are written in one place, from which the others have them.</summary>
public sealed partial class OnePlaceTests
{
    private const string Epsilons = "src/Kernels/NormEpsilon.cs", Facts = "src/Search/Results/Provenance.cs";
    private const string Widths = "src/Kernels/Lanes.cs";

    /// <summary>Where layers of a kind are told from others: what they have and are like, and how back ends write them.</summary>
    private static readonly string[] Kinds =
    [
        "src/Generator/Plan/Layer.cs", "src/Generator/Plan/StateTensor.cs", "src/Generator/Families/", "src/Generator/Emit/",
        "src/Search/Onnx/",
    ];

    private static readonly List<(string Path, string Text)> Sources =
        [.. Picture.AllSources().Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))];

    [Fact]
    public void What_norms_add_to_a_variance_is_written_once() => Assert.Equal([Epsilons], Places(Epsilon()));

    /// <summary>Those of one word are words of other files too.</summary>
    [Fact]
    public void Names_of_where_a_result_came_from_are_written_once()
    {
        string[] names =
        [
            .. typeof(Provenance).GetFields().Select(field => (string)field.GetRawConstantValue()!).Where(name => name.Contains(' ')),
        ];
        Assert.Contains("search data", names);
        Assert.All(names, name => Assert.Equal([Facts], Places(new($"\"{name}\""))));
    }

    [Fact]
    public void The_width_of_vectors_is_chosen_in_one_place() => Assert.Equal([Widths], Places(Width()));

    /// <summary>All other code asks what a layer is like, so that one of a new kind answers for itself.</summary>
    [Fact]
    public void Kinds_of_layers_are_spelled_by_the_plan_and_by_back_ends_alone() => Assert.Equal([], Misplaced(Sources));

    [Theory]
    [InlineData("src/Search/Walk/Planted.cs", "if (layer.Kind == LayerKind.Conv) return;", true)]
    [InlineData("src/Generator/Plan/Planted.cs", "layer.Kind is LayerKind.Relu or LayerKind.Relu6", true)]
    [InlineData("src/Search/Start/Planted.cs", "using static DataSsl.Generator.Plan.LayerKind;", true)]
    [InlineData("src/Generator/Emit/Planted.cs", "LayerKind.Conv => \"Conv2d\",", false)]
    [InlineData("src/Search/Walk/Planted.cs", "if (layer.IsConvolution) return;", false)]
    public void A_kind_that_is_planted_is_caught(string path, string line, bool caught) =>
        Assert.Equal(caught ? [path] : [], Misplaced([(path, $"class Planted\n{{\n    {line}\n}}")]));

    [Theory]
    [InlineData("LayerNorm(channels, eps: 1e-6)", true)]
    [InlineData("maps.Scales(\"scales\", x, 1e-5)", true)]
    [InlineData("(variance + 1e-5f).rsqrt()", true)]
    [InlineData("private const double Epsilon = 0.00001;", true)]
    [InlineData("public double GradientTolerance { get; init; } = 1e-5;", false)]
    [InlineData("private const double Epsilon = 1e-8;", false)]
    public void One_that_is_planted_is_caught(string line, bool caught) => Assert.Equal(caught, Epsilon().IsMatch(line));

    private static IEnumerable<string> Places(Regex pattern) =>
        Sources.Where(file => file.Text.Split('\n').Any(line => pattern.IsMatch(line))).Select(file => file.Path);

    private static IEnumerable<string> Misplaced(IEnumerable<(string Path, string Text)> sources) =>
        sources.Where(file => Kind().IsMatch(file.Text) && !Kinds.Any(place => file.Path.StartsWith(place, StringComparison.Ordinal)))
        .Select(file => file.Path);

    [GeneratedRegex(@"\bLayerKind\b")]
    private static partial Regex Kind();

    /// <summary>PyTorch's 1e-5 or timm's 1e-6 in a line of a norm's.</summary>
    [GeneratedRegex(@"(Norm|Batch|Layer|Scales|[Ee]psilon|\beps\b|[Vv]ariance).*\b(1e-0?[56]f?|0\.00000?1f?)\b")]
    private static partial Regex Epsilon();

    [GeneratedRegex(@"<Lanes512>\(|\b512 =>")]
    private static partial Regex Width();
}
