using DataSsl.Runtime;
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
        Assert.Equal("the task detection compares C2-C5, but SmallMobile has no C2; tasks that it has the maps for: classification, detection-c4, segmentation", error.Message);
    }

    [Theory, MemberData(nameof(Spaces))]
    public void Scores_are_those_of_each_candidate_alone(string name)
    {
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(4, space);
        // Spaces of three or four stages do not have every map: compare the tasks whose maps they have.
        var tasks = SearchTask.All.Where(t => t.Taps.All(tap => space.Segments.Any(s => s.Tap == tap))).ToList();
        using var scorer = new Scorer(networks, tasks, images);
        var candidates = SmallSpaces.Draws(space, 24).Distinct().ToList();
        var (together, blocks) = Walk(candidates);
        Assert.Equal(candidates.Count, together.Count);
        Assert.True(blocks < candidates.Sum(a => Enumerable.Range(0, space.Segments.Count).Sum(a.Depth)), "nothing was shared");
        foreach (var candidate in candidates) Assert.Equal(Walk([candidate]).Scores[candidate], together[candidate]);

        (Dictionary<Architecture, IReadOnlyDictionary<string, double>> Scores, long Blocks) Walk(IReadOnlyCollection<Architecture> some)
        {
            var scores = new Dictionary<Architecture, IReadOnlyDictionary<string, double>>();
            var count = PrefixWalk.Run(networks, scorer, some, images, (architecture, found) => scores.Add(architecture, found));
            return (scores, count);
        }
    }
}
