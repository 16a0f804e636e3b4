using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Walk;

/// <summary>Candidates that share all segments before one: a node of the trie.</summary>
/// <param name="Segment">The segment that comes next; the number of segments at a leaf.</param>
public sealed record PrefixNode(IReadOnlyCollection<Architecture> Candidates, int Segment = 0)
{
    /// <summary>Splits the candidates by the choices of the next segment other than its depth.</summary>
    public IEnumerable<PrefixBranch> Branches()
    {
        var info = Candidates.First().Space.Segments[Segment];
        var axes = info.Axes.Where(axis => axis != info.DepthAxis).ToArray();
        return Candidates.GroupBy(a => string.Join(',', axes.Select(axis => a[axis]))).Select(g => new PrefixBranch([.. g], Segment))
            .ToList();
    }

    /// <summary>
    /// Sums what the blocks of the trie cost, each distinct prefix once, as against <see cref="Architecture"/> by architecture.
    /// </summary>
    /// <param name="cost">Of the block at a place of a segment.</param>
    /// <param name="leaf">Called for each candidate in the order of the walk, with the cost of all before and its own.</param>
    public long Cost(Func<Architecture, int, int, long> cost, Action<Architecture, long>? leaf = null)
    {
        var total = 0L;
        Visit(this);
        return total;

        void Visit(PrefixNode node)
        {
            if (node.Segment == node.Candidates.First().Space.Segments.Count)
            {
                foreach (var architecture in node.Candidates) leaf?.Invoke(architecture, total);
                return;
            }
            foreach (var branch in node.Branches())
                for (var block = 0; block < branch.Depth; block++)
                {
                    total += cost(branch.Candidates[0], branch.Segment, block);
                    if (branch.After(block) is { } next) Visit(next);
                }
        }
    }
}

/// <summary>Candidates that share a segment's choices but perhaps not its depth: its blocks run once for all of them.</summary>
public sealed record PrefixBranch(IReadOnlyList<Architecture> Candidates, int Segment)
{
    /// <summary>Blocks that the deepest needs.</summary>
    public int Depth { get; } = Candidates.Max(a => a.Depth(Segment));

    /// <summary>The node of those whose segment ends with a block; null where none does.</summary>
    public PrefixNode? After(int block) =>
        Candidates.Where(a => a.Depth(Segment) == block + 1).ToList() is { Count: > 0 } ending ? new(ending, Segment + 1) : null;
}
