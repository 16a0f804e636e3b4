using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Training;

/// <summary>Small, middle and large subnets: thirds of the space by MACs, so that a run shows which of them learn.</summary>
public sealed class SizeGroups
{
    private const int Draws = 300;
    private readonly SearchSpace space;
    private readonly int size;
    private readonly long low;
    private readonly long high;

    /// <summary>Finds the borders on a fixed draw of architectures, at an input of <paramref name="size"/> pixels.</summary>
    public SizeGroups(SearchSpace space, int size)
    {
        (this.space, this.size) = (space, size);
        var random = CounterRandom.For(0, "size groups");
        var costs = new long[Draws];
        foreach (ref var cost in costs.AsSpan()) cost = space.Macs(space.Sample(ref random), size);
        Array.Sort(costs);
        (low, high, MiddleMacs) = (costs[Draws / 3], costs[Draws * 2 / 3], costs[Draws / 2]);
    }

    /// <summary>What the groups are called, by rising MACs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["small", "middle", "large"];

    /// <summary>The median of the space.</summary>
    public long MiddleMacs { get; }

    /// <summary>Index into <see cref="Names"/>.</summary>
    public int Of(Architecture architecture)
    {
        var macs = space.Macs(architecture, size);
        return macs < low ? 0 : macs < high ? 1 : 2;
    }

    /// <summary>What a step's students are told by: the largest network, and each group.</summary>
    public static int Places => 1 + Names.Count;

    /// <summary>Of a step's student: 0 where it is the first and the largest network, otherwise behind that its group.</summary>
    public int PlaceOf(IReadOnlyList<Architecture> students, int i, Architecture largest) =>
        i == 0 && students[0].Equals(largest) ? 0 : 1 + Of(students[i]);

    /// <summary>A subnet of the median size: of a fixed draw, the one nearest to <see cref="MiddleMacs"/>.</summary>
    public Architecture Middle()
    {
        var random = CounterRandom.For(0, "middle");
        return Enumerable.Range(0, Draws).Select(_ => space.Sample(ref random)).MinBy(a => Math.Abs(space.Macs(a, size) - MiddleMacs))!;
    }
}
