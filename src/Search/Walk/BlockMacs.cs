using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Walk;

/// <summary>Multiply-accumulates of single blocks for one image, from the plan: what a walk over a trie costs.</summary>
public sealed class BlockMacs(SearchSpace space, int size)
{
    private readonly NetworkPlan plan = SpacePlan.Of(space);

    /// <summary>Of one block of an architecture.</summary>
    public long Of(Architecture architecture, int segment, int block)
    {
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        return plan.CostOf(segment, block).Work.Sum(work =>
        {
            var positions = plan.Geometry.PositionsAt(work.Place, size);
            return work.Factor.At(choices) * (work.Power == 1 ? positions : positions * positions);
        });
    }

    /// <summary>Of a walk over candidates: every distinct prefix once.</summary>
    public long OfTrie(IReadOnlyCollection<Architecture> candidates) => new PrefixNode(candidates).Cost(Of);

    /// <summary>Of the candidates one by one.</summary>
    public long OneByOne(IEnumerable<Architecture> candidates) => candidates.Sum(a => space.Macs(a, size));

    /// <summary>Deals the candidates to processes as runs of the walk that cost about the same: neighbours share their prefixes.</summary>
    public IReadOnlyList<IReadOnlyList<Architecture>> Deal(IReadOnlyCollection<Architecture> candidates, int processes)
    {
        var shares = Enumerable.Range(0, processes).Select(_ => new List<Architecture>()).ToList();
        if (candidates.Count == 0) return shares;
        var root = new PrefixNode(candidates);
        var total = root.Cost(Of);
        // A leaf belongs where the middle of its last step lies, so that no share is empty while another has all.
        root.Cost(
            Of,
            (architecture, before) => shares[(int)Math.Min(processes - 1, (decimal)(before - 1) * processes / total)].Add(architecture));
        return shares;
    }
}
