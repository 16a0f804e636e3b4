using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Costs;

/// <summary>Few architectures of at most two blocks a segment that have every shape of block which the grid has.</summary>
internal static class ShapeCover
{
    /// <summary>More would take too long to time.</summary>
    public const int MostShapes = 2_000;

    /// <exception cref="UserException">The grid has too many shapes.</exception>
    public static IEnumerable<Architecture> Of(SearchSpace space, NetworkPlan plan)
    {
        var wanted = Shapes(space, plan).ToList();
        while (wanted.Count > 0)
        {
            var chosen = new Dictionary<int, int>();
            // One shape surely, and every other that does not contradict those before it.
            foreach (var shape in wanted.ToList())
            {
                if (!shape.All(c => !chosen.TryGetValue(c.Key, out var value) || value == c.Value)) continue;
                foreach (var (axis, value) in shape) chosen[axis] = value;
                wanted.Remove(shape);
            }
            yield return Shallow(new(space, [.. space.Axes.Select((axis, i) => chosen.GetValueOrDefault(i, axis.Values[0]))]));
        }
    }

    /// <summary>The architecture with at most two blocks a segment: the rest are of the second's shape. It may be off the grid.</summary>
    public static Architecture Shallow(Architecture architecture)
    {
        var space = architecture.Space;
        var depths = space.Segments.Select(s => s.DepthAxis).ToHashSet();
        // As deep as two where the space has a second block, so that its shape is seen.
        return new(
            space,
            [
                .. architecture.Choices.ToArray()
                    .Select((choice, axis) => depths.Contains(axis) ? Math.Min(2, space.Axes[axis].Max) : choice),
            ]);
    }

    /// <summary>
    /// For each kind of block, and for the blocks outside the stages together, every combination of the choices that it depends on.
    /// </summary>
    private static IEnumerable<IReadOnlyDictionary<int, int>> Shapes(SearchSpace space, NetworkPlan plan)
    {
        var outside = plan.Segments.SelectMany(s => s.Kinds).Where(b => b.Container.Length == 0).ToList();
        var kinds = plan.Segments.SelectMany(s => s.Kinds).Where(b => b.Container.Length > 0).Select(b => new List<Block> { b })
            .Prepend(outside);
        var axes = kinds.Select(k => k.SelectMany(b => b.Ports).SelectMany(p => p.Axes).Distinct().Order().ToArray())
            .DistinctBy(a => string.Join(',', a)).ToList();
        var count = axes.Sum(a => a.Aggregate(1.0, (product, axis) => product * space.Axes[axis].Values.Count));
        if (count > MostShapes)
            throw new UserException(
                FormattableString.Invariant(
                    $"{space.Name} has about {count:N0} shapes of blocks, too many to time them all (up to {MostShapes:N0}): a latency budget needs a coarser grid"));
        return axes.SelectMany(Combinations);

        IEnumerable<IReadOnlyDictionary<int, int>> Combinations(int[] of) => of.Aggregate(
            (IEnumerable<Dictionary<int, int>>)[[]], (some, axis) =>
                some.SelectMany(c => space.Axes[axis].Values.Select(value => new Dictionary<int, int>(c) { [axis] = value })));
    }
}
