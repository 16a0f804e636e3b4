using DataSsl.Generator;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>A slice of the supernet is the fixed class, to the bit.</summary>
public sealed class SliceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("slices-").FullName;

    public static TheoryData<string> Spaces => SmallSpaces.Names;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Spaces))]
    public void Every_slice_equals_its_class(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(4, space);
        var emitter = new WinnerEmitter(networks.Student, images);
        // The emitter itself compiles the class, loads its weights and compares embedding and maps.
        foreach (var architecture in SmallSpaces.Draws(space, 3))
            Assert.Equal(0, emitter.Emit(folder, "Slice", "Emitted", architecture, space.InputSize, []).MaxAbsDifference);
    }

    [Theory, MemberData(nameof(Spaces))]
    public void Keys_and_sizes_of_the_largest_class_are_the_supernets(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(name, space.Source).Space!);
        var source = SpaceCompiler.EmitFixedClass(
            plan, new("Largest", "Emitted", space.Max.Choices.ToArray().ToEquatableArray(), space.InputSize, default));
        using var module = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(
            InMemoryCompiler.Compile("Largest", source).GetType("Emitted.Largest")!, [null, null])!;
        var expected = networks.Student.Weights.Slots.Select(s => (s.Key, string.Join(',', s.Shape)))
            .Where(s => !s.Key.StartsWith("neck.", StringComparison.Ordinal));
        Assert.Equal(expected.Order(), module.named_parameters().Select(p => (p.name, string.Join(',', p.parameter.shape))).Order());
        Assert.Equal(space.Parameters(space.Max), module.parameters().Sum(p => p.numel()));
    }

    [Theory, MemberData(nameof(Spaces))]
    public void Gradients_reach_the_slice_and_nothing_else(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space, trainable: true);
        using var images = SmallSpaces.Images(4, space);
        foreach (var architecture in new[] { space.Min, space.Max })
        {
            networks.StudentWeights.ZeroGradients();
            using (var embedding = networks.Student.Embed(images, architecture))
            using (var loss = embedding.pow(2).sum())
                loss.backward();
            using var touched = networks.StudentWeights.Gradients.count_nonzero();
            var parameters = space.Parameters(architecture);
            // Some gradients are zero for once, a dead ReLU's for instance.
            Assert.InRange(touched.item<long>(), parameters / 2, parameters);
        }
    }

    [Theory, MemberData(nameof(Spaces))]
    public void A_shared_stem_is_the_leading_channels_of_the_widest_ones(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(4, space);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Assert.Equal(space.Segments[0].Axes.All(axis => space.Axes[axis].Kind == "width"), space.HasSharedStem);
        if (!space.HasSharedStem) return;
        var stem = networks.Student.Stem(images, space.Max);
        var random = CounterRandom.For(3, name);
        for (var i = 0; i < 4; i++)
        {
            var architecture = i == 0 ? space.Min : space.Sample(ref random);
            var (expected, actual) = (networks.Student.Embed(images, architecture),
                Supernet.Pool(networks.Student.FromStem(stem, architecture)));
            Assert.True((expected - actual).norm().item<float>() <= 1e-5 * expected.norm().item<float>(), $"{architecture}");
        }
    }
}
