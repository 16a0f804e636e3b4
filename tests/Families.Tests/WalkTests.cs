using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;

namespace DataSsl.Families.Tests;

/// <summary>The search shares prefixes in every family, and no score changes by it.</summary>
public sealed class WalkTests
{
    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    /// <summary>Two strides leave a MobileNet of C3 to C5.</summary>
    [Fact]
    public void A_task_whose_maps_a_space_lacks_is_refused_in_one_line()
    {
        var space = SmallMobile.Space;
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(2, space);
        var error = Assert.Throws<UserException>(() => new Scorer(networks, [SearchTask.Classification, SearchTask.Detection], images));
        Assert.Equal(
            "the task detection compares C2-C5, but SmallMobile has no C2; tasks that it has the maps for: classification, detection-c4, "
                + "segmentation",
            error.Message);
    }

    /// <summary>To the bit where a candidate alone is computed by the same kernels; a chunk of another size takes others.</summary>
    [Theory, MemberData(nameof(Spaces))]
    public void Scores_are_those_of_each_candidate_alone(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        // Relations between positions grow with the fourth power of the side, and what is shared does not depend on it.
        using var images = SmallSpaces.Images(4, space, size: 32);
        // Spaces of three or four stages do not have every map: compare the tasks whose maps they have.
        var tasks = SearchTask.All.Where(t => t.Taps.All(tap => space.Segments.Any(s => s.Tap == tap))).ToList();
        var candidates = SmallSpaces.Draws(space, 300).Distinct().ToList();
        Assert.True(
            new PrefixNode(candidates).Cost((_, _, _) => 1) < candidates.Sum(a => Enumerable.Range(0, space.Segments.Count).Sum(a.Depth)),
            "nothing is shared");
        var together = Walk(candidates, 4);
        Assert.Equal(candidates.Count, together.Count);
        var few = candidates.Where((_, i) => i % 10 == 0).ToList();
        var chunked = Walk(few, 3);
        using var scorer = new Scorer(networks, tasks, images);
        foreach (var candidate in candidates) Assert.Equal(Alone(candidate), together[candidate]);
        foreach (var candidate in few)
            foreach (var (whole, parts) in together[candidate].Chunk(4).Zip(chunked[candidate].Chunk(4)))
                Assert.Equal(whole.Average(), parts.Average(), 1e-6 * Math.Max(1, Math.Abs(whole.Average())));

        Dictionary<Architecture, double[]> Walk(IReadOnlyCollection<Architecture> some, int atOnce)
        {
            (networks.Student.ImagesAtOnce, networks.Teacher.ImagesAtOnce) = (atOnce, atOnce);
            using var teacher = new Scorer(networks, tasks, images);
            var scores = new Dictionary<Architecture, double[]>();
            PrefixWalk.Run(networks, teacher, some, images, scores.Add);
            (networks.Student.ImagesAtOnce, networks.Teacher.ImagesAtOnce) = (4, 4);
            return scores;
        }

        // The supernet run by itself, without the walk.
        double[] Alone(Architecture architecture)
        {
            using var grad = TorchSharp.torch.no_grad();
            using var scope = TorchSharp.torch.NewDisposeScope();
            var path = scorer.NewPath();
            foreach (var (segment, map) in networks.Student.Features(images, architecture).Index()) scorer.Compare(segment, map, path);
            return scorer.Combine(path);
        }
    }
}
