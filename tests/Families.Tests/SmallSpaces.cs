using System.Runtime.Loader;
using DataSsl.Generator;
using DataSsl.Generator.Tests;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>
/// Small spaces of each family, one written by hand and three at random, with supernets whose every weight shows in the output.
/// </summary>
internal static class SmallSpaces
{
    public static IReadOnlyList<SearchSpace> Handwritten { get; } =
    [
        SmallBasic.Space, SmallBottleneck.Space, SmallMobile.Space, SmallTransformers.Space,
    ];

    public static IReadOnlyList<SearchSpace> Random { get; } = Compiled(12);

    public static IReadOnlyList<SearchSpace> All { get; } = [.. Handwritten, .. Random];

    public static TheoryData<string> Names => [.. All.Select(s => s.Name)];

    public static SearchSpace Named(string name) => All.First(s => s.Name == name);

    /// <summary>
    /// A student and a teacher that differ. Noise on every weight, as a BatchNorm that starts at zero silences its block and with it most
    /// mistakes.
    /// </summary>
    public static NetworkPair Networks(SearchSpace space, bool trainable = false)
    {
        var networks = new NetworkPair(space, new(new([32], 16)), hasTeacher: true, CPU, ScalarType.Float32, trainable);
        using var grad = no_grad();
        using var random = new TorchSharp.torch.Generator(11);
        foreach (var (store, seed) in new[] { (networks.StudentWeights, 1), (networks.TeacherWeights, 2) })
        {
            store.Initialize(seed);
            using var noise = randn([store.Values.shape[0]], generator: random).mul_(0.1);
            store.Values.add_(noise);
        }
        return networks;
    }

    /// <summary>Images of a space, of its own size or another: [N, C, S, S].</summary>
    public static Tensor Images(int count, SearchSpace space, int? size = null)
    {
        using var random = new TorchSharp.torch.Generator(5);
        return randn([count, space.InputChannels, size ?? space.InputSize, size ?? space.InputSize], generator: random);
    }

    /// <summary>Random architectures of the grid, its ends and the anchors, of which one lies off the grid.</summary>
    public static IEnumerable<Architecture> Draws(SearchSpace space, int count)
    {
        var random = CounterRandom.For(3, "families");
        var draws = new List<Architecture>();
        for (var i = 0; i < count; i++) draws.Add(space.Sample(ref random));
        return draws.Append(space.Max).Append(space.Min).Concat(space.Anchors.Select(a => space.Parse(a.Name)));
    }

    /// <summary>As many random spaces that hold an architecture, the families by turns, compiled as a build does.</summary>
    private static List<SearchSpace> Compiled(int count)
    {
        var spaces = Enumerable.Range(1_000, 10 * count).Select(RandomSpaces.Of).Where(s => s.Count > 1).GroupBy(s => s.Family)
            .SelectMany(g => g.Take(count / 4)).ToList();
        Assert.Equal(count, spaces.Count);
        using var image = new MemoryStream(
            InMemoryCompiler.Image("RandomSpaces", spaces.Select(SpaceCompiler.EmitSupernet), InMemoryCompiler.UnderSupernets));
        var assembly = new AssemblyLoadContext("RandomSpaces").LoadFromStream(image);
        return
        [
            .. spaces.Select(
                s => (SearchSpace)assembly.GetType($"{s.Namespace}.{s.Name}", throwOnError: true)!.GetProperty("Space")!.GetValue(null)!),
        ];
    }
}
