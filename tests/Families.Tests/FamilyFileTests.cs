using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using DataSsl.Generator;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>A family is one file: the generator's sources with <c>families/PlainFamily.cs</c> beside them make its supernets.</summary>
public sealed class FamilyFileTests
{
    private const string Text = """
        space: Plain
        family: plain
        input: { size: 32 }
        stem: { width: [4, 6] }
        stages:
          - { width: [4, 8], depth: [1, 2] }
          - { width: [6, 12], depth: [1, 3], stride: 2 }
        """;

    [Fact]
    public void A_new_file_is_all_that_a_family_takes()
    {
        // Without the file the word is unknown.
        Assert.Null(SpaceCompiler.Parse("plain.space.yaml", Text).Space);

        var space = Supernet();
        Assert.Equal(32, space.Count);
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(3, space);
        using var grad = no_grad();
        foreach (var architecture in space.All())
        {
            using var scope = NewDisposeScope();
            var expected = Plain(networks.StudentWeights, architecture, images, out var parameters);
            Assert.Equal(parameters, space.Parameters(architecture));
            var difference = (networks.Student.Embed(images, architecture) - expected).abs().max() / expected.abs().max();
            Assert.InRange(difference.item<float>(), 0, 1e-5);
        }
    }

    /// <summary>The network as its definition reads, on the leading slices of the weights; and how many those are.</summary>
    private static Tensor Plain(ParameterStore weights, Architecture architecture, Tensor images, out long parameters)
    {
        var slots = weights.Slots.ToDictionary(slot => slot.Key, slot => slot.Full());
        var (x, count) = (images, 0L);
        Block("stem.0", architecture.Channels(0), stride: 1);
        for (var stage = 1; stage <= 2; stage++)
            for (var block = 0; block < architecture.Depth(stage); block++)
                Block($"stage{stage}.{block}", architecture.Channels(stage), stride: stage == 2 && block == 0 ? 2 : 1);
        parameters = count;
        return x.mean([2L, 3]);

        void Block(string key, int width, int stride)
        {
            var (kernel, scale, shift) = (slots[$"{key}.conv.weight"].narrow(0, 0, width).narrow(1, 0, x.shape[1]).contiguous(),
                slots[$"{key}.bn.weight"].narrow(0, 0, width), slots[$"{key}.bn.bias"].narrow(0, 0, width));
            count += kernel.numel() + scale.numel() + shift.numel();
            var y = nn.functional.conv2d(x, kernel, strides: [stride, stride], padding: [1, 1]);
            x = nn.functional.batch_norm(y, null, null, scale, shift, training: true, eps: 1e-5).relu();
        }
    }

    /// <summary>The supernet of <see cref="Text"/>, as the generator with the file makes it.</summary>
    private static SearchSpace Supernet()
    {
        var compiler = Generator().GetType(typeof(SpaceCompiler).FullName!, throwOnError: true)!;
        var parsed = compiler.GetMethod(nameof(SpaceCompiler.Parse))!.Invoke(null, ["plain.space.yaml", Text, "Acme"])!;
        var space = parsed.GetType().GetProperty(nameof(ParsedSpace.Space))!.GetValue(parsed);
        Assert.True(space is not null, $"{parsed}");
        var source = (string)compiler.GetMethod(nameof(SpaceCompiler.EmitSupernet))!.Invoke(null, [space])!;
        using var image = new MemoryStream(InMemoryCompiler.Image("Plain", [source], InMemoryCompiler.UnderSupernets));
        var supernet = new AssemblyLoadContext("Plain").LoadFromStream(image).GetType("Acme.Plain", throwOnError: true)!;
        return (SearchSpace)supernet.GetProperty("Space")!.GetValue(null)!;
    }

    /// <summary>The generator, compiled from its sources and the file.</summary>
    private static System.Reflection.Assembly Generator()
    {
        var sources = Directory.EnumerateFiles(PathOf("src", "Generator"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(PathOf("src", "Generator"), file).StartsWith("obj", StringComparison.Ordinal))
            .Concat(new[] { "ImageNetStatistics", "NormEpsilon", "ShownImage" }.Select(kernel => PathOf("src", "Kernels", kernel + ".cs")))
            .Append(PathOf("tests", "Families.Tests", "families", "PlainFamily.cs"));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) != $"{typeof(SpaceCompiler).Assembly.GetName().Name}.dll");
        var compilation = CSharpCompilation.Create(
            "DataSsl.Generator",
            sources.Select(file => CSharpSyntaxTree.ParseText(
                File.ReadAllText(file), new CSharpParseOptions(LanguageVersion.Latest), file)),
            references.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5)));
        image.Position = 0;
        return new AssemblyLoadContext("Generator with a new family").LoadFromStream(image);
    }

    private static string PathOf(params string[] parts) => Path.Combine([Root(), .. parts]);

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
