using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Search.Walk;

/// <summary>
/// Scores candidates exactly, computing every distinct prefix once. Candidates form a trie: stem, then each stage's choices, with depth nested inside a stage because
/// a deeper stage begins with the shallower one's blocks. The walk is depth-first; only the maps on the path to the present node are held.
/// </summary>
/// <remarks>
/// BatchNorm uses the statistics of the search images, which depend on the prefix only; so the scores are those of each candidate run by itself, to the bit.
/// </remarks>
public sealed class PrefixWalk
{
    private readonly Supernet net;
    private readonly SearchSpace space;
    private readonly Scorer scorer;
    private readonly Action<Architecture, IReadOnlyDictionary<string, double>> found;
    private readonly CancellationToken cancellation;
    private readonly double[] relations;

    private PrefixWalk(Supernet net, Scorer scorer, Action<Architecture, IReadOnlyDictionary<string, double>> found, CancellationToken cancellation)
    {
        (this.net, space, this.scorer, this.found, this.cancellation) = (net, net.SearchSpace, scorer, found, cancellation);
        relations = new double[space.Segments.Count];
    }

    /// <summary>Blocks computed: the cost of the walk, against the sum of the candidates' own depths one by one.</summary>
    public long Blocks { get; private set; }

    /// <summary>Walks over the candidates and hands each to <paramref name="found"/> with its scores by task.</summary>
    /// <param name="images">Search images [N, 3, H, W].</param>
    /// <returns>Blocks computed.</returns>
    public static long Run(
        NetworkPair networks, Scorer scorer, IReadOnlyCollection<Architecture> candidates, Tensor images,
        Action<Architecture, IReadOnlyDictionary<string, double>> found, CancellationToken cancellation = default)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var walk = new PrefixWalk(networks.Student, scorer, found, cancellation);
        walk.Enter(0, networks.Student.Prepare(images), candidates);
        return walk.Blocks;
    }

    /// <summary>Splits the candidates by the choices of a segment other than its depth, and runs each once.</summary>
    private void Enter(int segment, Tensor x, IEnumerable<Architecture> candidates)
    {
        var info = space.Segments[segment];
        var widthAxes = info.Axes.Where(axis => axis != info.DepthAxis).ToArray();
        foreach (var group in candidates.GroupBy(a => string.Join(',', widthAxes.Select(axis => a[axis]))).ToList()) RunBlocks(segment, x, [.. group]);
    }

    /// <summary>Runs a segment's blocks as deep as any candidate needs, and goes on from each depth at which some end.</summary>
    private void RunBlocks(int segment, Tensor x, List<Architecture> candidates)
    {
        using var scope = NewDisposeScope();
        var deepest = candidates.Max(a => a.Depth(segment));
        var current = x;
        for (var block = 0; block < deepest; block++)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = net.Block(segment, block, current, candidates[0]);
            if (block > 0) current.Dispose();
            current = next;
            Blocks++;
            var ending = candidates.Where(a => a.Depth(segment) == block + 1).ToList();
            if (ending.Count > 0) Leave(segment, current, ending);
        }
    }

    /// <summary>Scores a segment's finished map, where a task looks at it, and goes to the next segment or reports.</summary>
    private void Leave(int segment, Tensor map, List<Architecture> candidates)
    {
        if (scorer.Looks(segment)) relations[segment] = scorer.Relation(segment, map);
        if (segment < space.Segments.Count - 1)
        {
            Enter(segment + 1, map, candidates);
            return;
        }
        var scores = scorer.Combine(scorer.Cosine(map), relations);
        foreach (var architecture in candidates) found(architecture, scores);
    }
}
