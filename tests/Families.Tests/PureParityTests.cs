using Xunit.Abstractions;

namespace DataSsl.Families.Tests;

/// <summary>
/// Pure C# classes against the TorchSharp classes of the same architectures, which equal PyTorch's networks: logits, embedding and every
/// map.
/// </summary>
public sealed class PureParityTests(ITestOutputHelper output)
{
    private const float Tolerance = 1e-4f;

    /// <summary>Architectures of each space: each number of threads with each vector width, at two sizes.</summary>
    private static readonly int Count = Architectures.Count(12);

    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    /// <summary>
    /// Half of them on images of the space's own size and half on some that divide less well, with every vector width, with one thread and
    /// two.
    /// </summary>
    [Theory, MemberData(nameof(Spaces))]
    public void Outputs_are_those_of_the_torch_class(string name)
    {
        var space = SmallSpaces.Named(name);
        var architectures = SmallSpaces.Draws(space, Count - 2 - space.Anchors.Count).ToList();
        var other = space.Family == "vit" ? space.InputSize - 16 : 45;
        // One assembly for all: most of the time is the compiler's, on the kernels that they share.
        using var networks = new PureNetworks(space, [.. architectures.Select((a, i) => (a, i < Count / 2 ? space.InputSize : other))]);
        var worst = 0f;
        for (var i = 0; i < architectures.Count; i++)
        {
            var bits = new[] { 128, 256, 512 }[i % 3];
            var difference = networks.RelativeDifference(i, images: 1 + i % 2, threads: 1 + i / 3 % 2, bits);
            Assert.True(difference < Tolerance, $"{architectures[i]}, vectors of {bits} bits: relative difference {difference:g3}");
            worst = Math.Max(worst, difference);
        }
        output.WriteLine($"{name}: {architectures.Count} architectures, largest relative difference {worst:g2}");
    }

    [Theory, MemberData(nameof(Spaces))]
    public void A_second_image_allocates_nothing(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = new PureNetworks(space, [(space.Max, space.InputSize)]);
        Assert.Equal(0, networks.Allocated(0, threads: 1));
        Assert.Equal(0, networks.Allocated(0, threads: 2));
    }
}
