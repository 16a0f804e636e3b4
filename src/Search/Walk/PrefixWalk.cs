using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Search.Walk;

/// <summary>
/// Scores candidates exactly, computing every distinct prefix once. Candidates form a trie: stem, then each stage's choices, with depth
/// nested inside a stage because a deeper stage begins with the shallower one's blocks. The walk is depth-first; only the maps on the path
/// to the present node are held.
/// </summary>
/// <remarks>
/// BatchNorm uses the statistics of the search images, which depend on the prefix only; so the scores are those of each candidate run by
/// itself, to the bit.
/// <see cref="WalkMemory"/> says what is held.
/// </remarks>
public sealed class PrefixWalk
{
    private readonly Supernet net;
    private readonly SearchSpace space;
    private readonly Scorer scorer;
    private readonly Action<Architecture, double[]> found;
    private readonly CancellationToken cancellation;
    private readonly double[][] path;

    private PrefixWalk(Supernet net, Scorer scorer, Action<Architecture, double[]> found, CancellationToken cancellation)
    {
        (this.net, space, this.scorer, this.found, this.cancellation) = (net, net.SearchSpace, scorer, found, cancellation);
        path = scorer.NewPath();
    }

    /// <summary>Makes networks ready for walks, and for the teacher's features: the student's weights do not change any more.</summary>
    /// <param name="imagesAtOnce">Images that a layer computes at once (<see cref="WalkMemory.AtOnce"/>).</param>
    public static void Prepare(NetworkPair networks, int imagesAtOnce)
    {
        (networks.Student.ImagesAtOnce, networks.Teacher.ImagesAtOnce) = (imagesAtOnce, imagesAtOnce);
        networks.StudentWeights.Freeze();
    }

    /// <summary>
    /// Walks over the candidates and hands each to <paramref name="found"/> with its likeness by task and image
    /// (<see cref="Scorer.Combine"/>).
    /// </summary>
    /// <param name="images">Search images [N, 3, H, W].</param>
    public static void Run(
        NetworkPair networks, Scorer scorer, IReadOnlyCollection<Architecture> candidates, Tensor images,
        Action<Architecture, double[]> found, CancellationToken cancellation = default)
    {
        if (candidates.Count == 0) return;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        new PrefixWalk(networks.Student, scorer, found, cancellation).Enter(new(candidates), networks.Student.Prepare(images));
    }

    /// <summary>Takes the branches of a node one after the other: the choices of the next segment other than its depth.</summary>
    private void Enter(PrefixNode node, Tensor x)
    {
        foreach (var branch in node.Branches()) RunBlocks(branch, x);
    }

    /// <summary>Runs a segment's blocks as deep as any candidate needs, and goes on from each depth at which some end.</summary>
    private void RunBlocks(PrefixBranch branch, Tensor x)
    {
        using var scope = NewDisposeScope();
        var current = x;
        for (var block = 0; block < branch.Depth; block++)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = net.Block(branch.Segment, block, current, branch.Candidates[0]);
            if (block > 0) current.Dispose();
            current = next;
            if (branch.After(block) is { } node) Leave(node, current);
        }
    }

    /// <summary>Scores a segment's finished map, where a task looks at it, and goes to the next segment or reports.</summary>
    private void Leave(PrefixNode node, Tensor map)
    {
        scorer.Compare(node.Segment - 1, map, path);
        if (node.Segment < space.Segments.Count) Enter(node, map);
        else
            foreach (var architecture in node.Candidates) found(architecture, scorer.Combine(path));
    }
}
