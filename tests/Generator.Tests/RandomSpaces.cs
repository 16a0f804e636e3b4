using DataSsl.Generator.Families;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>Small random spaces of every family, each decided by its seed: what holds for the shipped spaces must hold for any.</summary>
internal static class RandomSpaces
{
    private static readonly string[] Relations = ["<", "<=", "==", "!=", ">=", ">"];

    private static readonly string[] s_recorded = ["resnet-bottleneck", "resnet-basic", "mobilenet-v2", "vit"];

    /// <summary>In the order in which values of reference are recorded: a new family comes last.</summary>
    private static readonly IReadOnlyList<Family> Families =
    [
        .. s_recorded.Select(name => Family.All.Single(family => family.Name == name)),
        .. Family.All.Where(family => !s_recorded.Contains(family.Name)),
    ];

    /// <summary>
    /// A space of one to three stages, most of them of a few hundred architectures; every other four with constraints, some of which may
    /// leave nothing.
    /// </summary>
    public static Space Of(int seed)
    {
        var (random, family) = (new Random(seed), Families[seed % Families.Count]);
        var stages = 1 + random.Next(3);
        List<Axis> axes =
        [
            .. AxesOf("stem", family.StemAxes),.. Enumerable.Range(0, stages).SelectMany(i => AxesOf($"stage{i + 1}", family.StageAxes(i))),
        ];
        var constraints = Enumerable.Range(0, seed / Families.Count % 2 == 0 ? 0 : 1 + random.Next(3))
            .Select(_ => Constraint(random, axes)).Distinct().ToEquatableArray();
        var anchors = new[] { new Anchor("Somewhere", axes.Select(a => OffGrid(random, a)).ToEquatableArray()) };
        var patch = family.HasPatches ? 8 << random.Next(2) : 0;
        var strides = Enumerable.Range(0, stages).Select(_ => patch > 0 ? 1 : 1 + random.Next(2)).ToEquatableArray();
        return new(
            $"Random{seed}", "Acme.Spaces", family.Name, "A \"quoted\" \\ 'summary': #1", InputChannels: 3, patch == 0
                && random.Next(3) == 0
                ? new([32, 40])
                : new([32]),
            LowResolutionStem: random.Next(2) == 0, patch, strides, axes.ToEquatableArray(), anchors.ToEquatableArray(), constraints,
                default);

        IEnumerable<Axis> AxesOf(string segment, IEnumerable<string> kinds) =>
            kinds.Select(kind => new Axis(segment, kind, Values(random, kind, family)));
    }

    private static EquatableArray<int> Values(Random random, string kind, Family family)
    {
        Func<int> one = (kind, family.HasPatches) switch
        {
            ("width", true) => () => 8 * (1 + random.Next(9)),
            ("width", false) => () => 1 + random.Next(9),
            ("kernel", _) => () => 1 + 2 * random.Next(4),
            _ => () => 1 + random.Next(3),
        };
        return Enumerable.Range(0, 1 + random.Next(3)).Select(_ => one()).Distinct().Order().ToEquatableArray();
    }

    /// <summary>Any slice of the largest network.</summary>
    private static int OffGrid(Random random, Axis axis) =>
        Enumerable.Range(1, axis.Max).Where(axis.Accepts).ElementAt(random.Next(axis.Kind == Axis.Kernel ? (axis.Max + 1) / 2 : axis.Max));

    private static Comparison Constraint(Random random, List<Axis> axes)
    {
        var (left, right, relation) = (random.Next(axes.Count), random.Next(axes.Count), Relations[random.Next(Relations.Length)]);
        return left == right ? new(left, relation, -1, 1 + random.Next(9)) : new(left, relation, right, 0);
    }
}
