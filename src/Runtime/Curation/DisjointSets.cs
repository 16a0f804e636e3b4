namespace DataSsl.Runtime.Curation;

/// <summary>Sets that are joined pair by pair (Tarjan 1975); each is known by its least member.</summary>
internal sealed class DisjointSets(int count)
{
    private readonly int[] parents = [.. Enumerable.Range(0, count)];

    /// <summary>The least member of the set that one is in.</summary>
    public int Of(int member)
    {
        while (parents[member] != member) member = parents[member] = parents[parents[member]];
        return member;
    }

    /// <summary>Makes the sets of two members one.</summary>
    public void Join(int one, int other)
    {
        var (a, b) = (Of(one), Of(other));
        parents[Math.Max(a, b)] = Math.Min(a, b);
    }
}
