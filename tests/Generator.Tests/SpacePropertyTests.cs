using DataSsl.Generator.Emit;
using DataSsl.Generator.Model;
using DataSsl.Runtime;

namespace DataSsl.Generator.Tests;

/// <summary>Laws that hold for every space, on seeded random ones with and without constraints.</summary>
public sealed class SpacePropertyTests
{
    private static readonly string[] Relations = ["<", "<=", "==", "!=", ">=", ">"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    /// <summary>Numbering is the lexicographic order of the members that a plain filter over the whole grid finds.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Members_are_counted_and_numbered_exactly(int seed)
    {
        var space = Random(seed);
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
        var space = Random(seed);
        if (space.Count == 0) return;
        var parsed = SpaceCompiler.Parse("x.space.yaml", SpaceText.ToYaml(space));
        Assert.Empty(parsed.Diagnostics.Select(d => d.ToString()));
        Assert.NotSame(space, parsed.Space);
        Assert.Equal(space, parsed.Space);
        Assert.Equal(space.GetHashCode(), parsed.Space!.GetHashCode());
        Assert.Equal(SpaceText.ToYaml(space), SpaceText.ToYaml(parsed.Space));
    }

    /// <summary>A draw is a uniform index; chi-square over all members of a constrained space at five standard deviations.</summary>
    [Fact]
    public void A_uniform_index_is_a_uniform_member()
    {
        var space = TestSpaces.Plan(TestSpaces.Tiny + "\nconstraints: [width non-decreasing, stem.width <= stage2.width]").Space;
        var (grid, random, counts) = (space.Grid()!, new Random(1), new Dictionary<string, int>());
        const int perMember = 100;
        for (var i = 0L; i < perMember * grid.Count; i++)
        {
            var key = string.Join(",", grid.At(random.NextInt64(grid.Count)));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        var members = Members(space);
        var chi = members.Sum(m => Math.Pow(counts.GetValueOrDefault(string.Join(",", m)) - perMember, 2) / perMember);
        Assert.Equal(members.Count, counts.Count);
        Assert.InRange(chi, members.Count - 1 - 5 * Math.Sqrt(2.0 * members.Count), members.Count - 1 + 5 * Math.Sqrt(2.0 * members.Count));
    }

    /// <summary>Sixteen stages in ascending order: far too many to list, counted by one node a value.</summary>
    [Fact]
    public void A_long_chain_is_counted_at_once()
    {
        var axes = Enumerable.Range(1, 16).Select(i => new Axis($"stage{i}", "width", Enumerable.Range(1, 20).ToEquatableArray())).ToList();
        var chain = Enumerable.Range(0, 15).Select(i => (i, "<=", i + 1, 0)).ToArray();
        var grid = ChoiceDiagram.TryBuild([.. axes.Select(a => a.Values.ToArray())], chain)!;
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
        var space = Random(seed);
        if (space.Count == 0) return;
        var (plan, random) = (SpaceCompiler.Lower(space), new Random(seed));
        var costs = Members(space).Select(m => plan.Macs(m.ToEquatableArray(), space.InputSize)).Order().ToList();
        for (var i = 0; i < 5; i++)
        {
            var from = random.NextInt64(costs[^1] * 5 / 4);
            var budget = new NamedBudget("b", "", OfParameters: false, from, from + 1 + random.NextInt64(costs[^1] / 50 + 1));
            var empty = Parsing.BudgetSearch.IsEmpty(plan, space.Grid()!, budget, out var nearest);
            var inside = costs.Any(c => c >= budget.From && c < budget.To);
            Assert.False(empty && inside);
            if (!empty) continue;
            Assert.Equal((costs.Where(c => c < budget.From).Select(c => (long?)c).LastOrDefault(), costs.Where(c => c >= budget.To).Select(c => (long?)c).FirstOrDefault()), nearest);
        }
    }

    /// <summary>A small space of a few hundred architectures; every other one with random constraints, some of which may leave nothing.</summary>
    private static Space Random(int seed)
    {
        var random = new Random(seed);
        var axes = new List<Axis> { new("stem", "width", Values(random, 3)) };
        var stages = 1 + random.Next(3);
        for (var i = 1; i <= stages; i++) axes.AddRange([new($"stage{i}", "width", Values(random, 3)), new($"stage{i}", "depth", Values(random, 2))]);
        var constraints = Enumerable.Range(0, seed % 2 == 0 ? 0 : 1 + random.Next(3)).Select(_ => Constraint(random, axes)).Distinct().ToEquatableArray();
        var anchors = new[] { new Anchor("Somewhere", axes.Select(a => 1 + random.Next(a.Max)).ToEquatableArray()) };
        return new(
            "Random", "Acme.Spaces", "resnet-bottleneck", "A \"quoted\" \\ 'summary': #1", 1 + random.Next(4), seed % 3 == 0 ? new([32, 64]) : new([32]), seed % 4 == 0, 0,
            Enumerable.Range(0, stages).Select(i => i == 0 ? 1 : 2).ToEquatableArray(), axes.ToEquatableArray(), anchors.ToEquatableArray(), constraints, default);
    }

    private static EquatableArray<int> Values(Random random, int most) => Enumerable.Range(0, 1 + random.Next(most)).Select(_ => 1 + random.Next(9)).Distinct().Order().ToEquatableArray();

    private static Comparison Constraint(Random random, List<Axis> axes)
    {
        var (left, right, relation) = (random.Next(axes.Count), random.Next(axes.Count), Relations[random.Next(Relations.Length)]);
        return left == right ? new(left, relation, -1, 1 + random.Next(9)) : new(left, relation, right, 0);
    }

    private static List<int[]> Members(Space space) => [.. All(space).Where(a => Fulfils(space, a))];

    private static IEnumerable<int[]> All(Space space) =>
        space.Axes.Aggregate((IEnumerable<int[]>)[[]], (prefixes, axis) => prefixes.SelectMany(p => axis.Values.Select(v => (int[])[.. p, v])));

    private static bool Fulfils(Space space, int[] a) => space.Constraints.All(c => (a[c.Left].CompareTo(c.Right < 0 ? c.Value : a[c.Right]), c.Relation) switch
    {
        (var order, "<") => order < 0,
        (var order, "<=") => order <= 0,
        (var order, "==") => order == 0,
        (var order, "!=") => order != 0,
        (var order, ">=") => order >= 0,
        (var order, _) => order > 0,
    });
}
