using DataSsl.Generator.Emit;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>Laws that hold for every space, on seeded random ones of every family with and without constraints.</summary>
public sealed class SpacePropertyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 80)];

    /// <summary>Numbering is the lexicographic order of the members that a plain filter over the whole grid finds.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Members_are_counted_and_numbered_exactly(int seed)
    {
        var space = RandomSpaces.Of(seed);
        var (grid, members) = (space.Grid()!, Members(space));
        Assert.Equal(members.Count, grid.Count);
        for (var i = 0; i < members.Count; i++)
        {
            Assert.Equal(members[i], grid.At(i));
            Assert.Equal(i, grid.IndexOf(a => members[i][a]));
        }
        foreach (var other in All(space).Where(a => !Fulfils(space, a)).Take(200)) Assert.Equal(-1, grid.IndexOf(a => other[a]));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Canonical_text_reads_back_to_an_equal_space(int seed)
    {
        var space = RandomSpaces.Of(seed);
        if (space.Count == 0) return;
        var parsed = SpaceCompiler.Parse("x.space.yaml", SpaceText.ToYaml(space));
        Assert.Empty(parsed.Diagnostics.Select(d => d.ToString()));
        Assert.NotSame(space, parsed.Space);
        Assert.Equal(space, parsed.Space);
        Assert.Equal(space.GetHashCode(), parsed.Space!.GetHashCode());
        Assert.Equal(SpaceText.ToYaml(space), SpaceText.ToYaml(parsed.Space));
    }

    /// <summary>Sixteen stages in ascending order: far too many to list, counted by one node a value.</summary>
    [Fact]
    public void A_long_chain_is_counted_at_once()
    {
        var axes = Enumerable.Range(1, 16).Select(i => new Axis($"stage{i}", "width", Enumerable.Range(1, 20).ToEquatableArray())).ToList();
        var chain = Enumerable.Range(0, 15).Select(i => new Comparison(i, "<=", i + 1)).ToArray();
        var grid = ChoiceDiagram.TryBuild(axes, chain)!;
        Assert.Equal(4_059_928_950, grid.Count); // 35 over 16: multisets of 16 out of 20.
        foreach (var index in new[] { 0L, 1, 123_456_789, grid.Count - 1 })
        {
            var member = grid.At(index);
            Assert.Equal(member.Order(), member);
            Assert.Equal(index, grid.IndexOf(a => member[a]));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_budget_is_refused_exactly_where_no_member_fits(int seed)
    {
        var space = RandomSpaces.Of(seed);
        if (space.Count == 0) return;
        var (plan, random) = (SpaceCompiler.Lower(space), new Random(seed));
        var costs = Members(space).Select(m => plan.Macs(m.ToEquatableArray(), space.InputSize)).Order().ToList();
        for (var i = 0; i < 5; i++)
        {
            var from = random.NextInt64(costs[^1] * 5 / 4);
            var budget = new BudgetLimit(Measure.Macs, from, from + 1 + random.NextInt64(costs[^1] / 50 + 1));
            var empty = Parsing.BudgetSearch.IsEmpty(plan, space.Grid()!, budget, out var nearest);
            var inside = costs.Any(c => c >= budget.From && c < budget.To);
            Assert.False(empty && inside);
            if (!empty) continue;
            Assert.Equal(
                (costs.Where(c => c < budget.From).Select(c => (long?)c).LastOrDefault(),
                    costs.Where(c => c >= budget.To).Select(c => (long?)c).FirstOrDefault()),
                nearest);
        }
    }

    private static List<int[]> Members(Space space) => [.. All(space).Where(a => Fulfils(space, a))];

    private static IEnumerable<int[]> All(Space space) =>
        space.Axes.Aggregate(
            (IEnumerable<int[]>)[[]], (prefixes, axis) => prefixes.SelectMany(p => axis.Values.Select(v => (int[])[.. p, v])));

    private static bool Fulfils(Space space, int[] a) =>
        space.Constraints.All(c => (a[c.Left].CompareTo(c.Right < 0 ? c.Value : a[c.Right]), c.Relation) switch
    {
        (var order, "<") => order < 0,
        (var order, "<=") => order <= 0,
        (var order, "==") => order == 0,
        (var order, "!=") => order != 0,
        (var order, ">=") => order >= 0,
        (var order, _) => order > 0,
    });
}
