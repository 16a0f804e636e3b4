using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Spaces;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Tests.Walk;

/// <summary>Sharing prefixes must change what a search costs and nothing else: not one bit of a score.</summary>
public sealed class PrefixWalkTests : IDisposable
{
    private readonly NetworkPair networks = TestNetworks.Of(Tiny.Space);
    private readonly Tensor images = TestNetworks.Images(8, 16);

    public void Dispose()
    {
        networks.Dispose();
        images.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(8)]
    [InlineData(3)]
    public void ScoresAreThoseOfEachCandidateAloneToTheBit(int? atOnce)
    {
        var candidates = Draw(60);
        var together = Recorded.Walk(networks, images, candidates, atOnce);
        Assert.Equal(60, together.Count);
        foreach (var candidate in candidates)
            Assert.Equal(Recorded.Walk(networks, images, [candidate], atOnce)[candidate], together[candidate]);
    }

    /// <summary>
    /// However many images are computed at a time, BatchNorm's statistics are those of all; kernels for other numbers of images round
    /// otherwise.
    /// </summary>
    [Theory]
    [InlineData(8)]
    [InlineData(5)]
    [InlineData(3)]
    [InlineData(1)]
    public void ScoresDoNotDependOnTheImagesAtOnce(int atOnce)
    {
        var candidates = Draw(60);
        var (whole, parts) = (Recorded.Walk(networks, images, candidates), Recorded.Walk(networks, images, candidates, atOnce));
        foreach (var candidate in candidates)
            for (var task = 0; task < 4; task++)
                Assert.Equal(
                    whole[candidate].Score(task), parts[candidate].Score(task), 1e-6 * Math.Max(1, Math.Abs(whole[candidate].Score(task))));
    }

    [Fact]
    public void ScoresAreThoseOfAStraightLineComputation()
    {
        var candidates = Draw(60);
        var walked = Recorded.Walk(networks, images, candidates);
        // Networks that were never prepared for walks.
        using var plain = TestNetworks.Of(Tiny.Space);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var teacher = plain.Teacher.Features(images, Tiny.Space.Max);
        var key = plain.TeacherHead.forward(teacher[^1].mean([2L, 3L]));
        foreach (var candidate in candidates)
        {
            var student = plain.Student.Features(images, candidate);
            var cosine = (plain.StudentHead.forward(student[^1].mean([2L, 3L])) * key).sum(1).mean().item<float>();
            double Relation(int stage) => Straight(teacher[stage], student[stage]);
            double[] expected = [cosine, -Relation(4), -Relation(1) - Relation(2) - Relation(3) - Relation(4), -Relation(3) - Relation(4)];
            for (var task = 0; task < 4; task++)
                Assert.Equal(expected[task], walked[candidate].Score(task), 1e-6 * Math.Max(1, Math.Abs(expected[task])));
        }
    }

    [Fact]
    public void OrderOfCandidatesDoesNotMatter()
    {
        var candidates = Draw(60);
        var reversed = candidates.Reverse().ToArray();
        Assert.Equal(
            Recorded.Walk(networks, images, candidates).OrderBy(s => Tiny.Space.IndexOf(s.Key)),
            Recorded.Walk(networks, images, reversed).OrderBy(s => Tiny.Space.IndexOf(s.Key)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    public void EveryDistinctPrefixIsOneBlock(int count)
    {
        var candidates = Draw(count);
        var prefixes = new HashSet<string>();
        foreach (var a in candidates)
        {
            // A block is told by the stem, every earlier stage whole, its own stage's width and its place.
            var path = $"{a[0]}";
            prefixes.Add(path);
            for (var stage = 0; stage < 4; stage++)
            {
                var (width, depth) = (a[1 + 2 * stage], a[2 + 2 * stage]);
                for (var block = 1; block <= depth; block++) prefixes.Add($"{path}/{width}x{block}");
                path += $"/{width}x{depth}";
            }
        }
        Assert.Equal(prefixes.Count, new Search.Walk.PrefixNode(candidates).Cost((_, _, _) => 1));
    }

    [Fact]
    public void AnArchitectureOffTheGridIsScoredToo()
    {
        var anchor = Tiny.Space.Parse("OffGrid");
        Assert.All(Recorded.Walk(networks, images, [anchor])[anchor], s => Assert.True(double.IsFinite(s)));
    }

    [Fact]
    public void StopsWhenAsked()
    {
        using var scorer = new Scorer(networks, SearchTask.All, images);
        using var source = new CancellationTokenSource();
        var found = 0;
        Assert.Throws<OperationCanceledException>(() => Search.Walk.PrefixWalk.Run(networks, scorer, Draw(20), images, (_, _) =>
        {
            if (++found == 3) source.Cancel();
        }, source.Token));
        // Those that end at the same block are reported together.
        Assert.InRange(found, 3, 19);
    }

    /// <summary>Sixty distinct architectures of the grid, in random order.</summary>
    private static Architecture[] Draw(int count)
    {
        var all = Tiny.Space.All().ToArray();
        var random = CounterRandom.For(5, "walk tests");
        random.Shuffle(all.AsSpan());
        return all[..count];
    }

    private static double Straight(Tensor teacherMap, Tensor studentMap)
    {
        var (target, prediction) = (Logits(teacherMap).softmax(2), functional.log_softmax(Logits(studentMap), 2));
        return -(target * prediction).sum(ScalarType.Float64).item<double>() / (target.shape[0] * target.shape[1]);

        static Tensor Logits(Tensor map)
        {
            var positions = functional.normalize(map.flatten(2).transpose(1, 2), dim: 2).contiguous();
            return positions.bmm(positions.transpose(1, 2)) / 0.2;
        }
    }
}
