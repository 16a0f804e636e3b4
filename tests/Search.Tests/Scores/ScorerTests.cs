using DataSsl.Runtime;
using DataSsl.Search.Scores;
using DataSsl.Search.Tests.Walk;
using DataSsl.Spaces;
using DataSsl.Tests;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Tests.Scores;

public sealed class ScorerTests
{
    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Mse)]
    [InlineData(Metric.Relation)]
    [InlineData(Metric.OwnRelation)]
    [InlineData(Metric.ForeignRelation)]
    public void EmbeddingsAgreeWithPyTorch(Metric metric)
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using (no_grad())
        using (NewDisposeScope())
            foreach (var (key, values) in networks.State) values.copy_(Seeded.Parameter($"scores/{key}", values.shape));
        using var images = Seeded.Uniform("scores/images", [6, 3, 16, 16], Math.Sqrt(3));
        // Of another length than the candidate's.
        using var foreign = functional.normalize(Seeded.Uniform("scores/foreign", [6, 7]), dim: 1);
        var candidate = Tiny.Space.Min;
        using var recording = Recording.Of("scores", [("embeddings", new
        {
            images = images.shape,
            student = candidate.Choices.ToArray(),
            teacher = Tiny.Space.Max.Choices.ToArray(),
            weights = networks.StudentWeights.Slots.ToDictionary(slot => slot.Key, slot => slot.Shape),
        })]);
        var ours = Recorded.Walk(networks, images, [candidate], tasks: [new("mine", "z", [], metric)], foreign: foreign)[candidate];
        var expected = recording[$"embeddings/{metric}"].data<float>().ToArray();
        Assert.Equal(6, expected.Length);
        Assert.All(expected.Zip(ours), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void AStudentWithTheTeachersWeightsIsPerfect()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        networks.StudentWeights.CopyFrom(networks.TeacherWeights);
        using var images = TestNetworks.Images(6, 16);
        var scores = Recorded.Walk(networks, images, [.. Tiny.Space.All().TakeLast(40)]);
        Assert.Equal(1, scores[Tiny.Space.Max].Score(0), 1e-6);
        for (var task = 0; task < 4; task++) Assert.Equal(Tiny.Space.Max, scores.MaxBy(s => s.Value.Score(task)).Key);
    }

    [Theory]
    [InlineData("classification", "Classification", "z")]
    [InlineData(" Detection-C4 ", "DetectionC4", "C5")]
    [InlineData("SEGMENTATION", "Segmentation", "C4-C5")]
    public void TasksAreParsed(string text, string identifier, string features)
    {
        var task = SearchTask.Parse(text);
        Assert.Equal((identifier, features), (SearchTask.IdentifierOf(task.Name), task.Features));
    }

    [Fact]
    public void AnUnknownTaskNamesTheKnownOnes()
    {
        var error = Assert.Throws<UserException>(() => SearchTask.Parse("depth"));
        Assert.Equal(
            "unknown task 'depth'; known are classification, detection-c4, detection, segmentation; or define one, such as "
                + "mine=C3-C5:relation",
            error.Message);
    }

    [Theory]
    [InlineData("mine=C3-C5:mse", "C3 C4 C5", Metric.Mse)]
    [InlineData(" my-task = c2+c4 : Cosine ", "C2 C4", Metric.Cosine)]
    [InlineData("x=z:relation", "", Metric.Relation)]
    [InlineData("x=z:qk_kk", "", Metric.Relation)]
    [InlineData("x=z:QQ_KK", "", Metric.OwnRelation)]
    [InlineData("x=C5:kl", "C5", Metric.Relation)]
    [InlineData("x=C2-C3:relation_sum", "C2 C3", Metric.RelationSum)]
    [InlineData("one=C1:relation", "C1", Metric.Relation)]
    public void TasksAreDefined(string text, string taps, Metric metric)
    {
        var task = SearchTask.Parse(text);
        Assert.Equal((taps, metric), (string.Join(' ', task.Taps), task.Metric));
        Assert.Equal(task, SearchTask.Parse(task.ToString()));
    }

    [Theory]
    [InlineData("mine=")]
    [InlineData("mine=C5")]
    [InlineData("mine=C5:cos")]
    [InlineData("mine=C5:2")]
    [InlineData("mine=C6:mse")]
    [InlineData("mine=C5-C3:mse")]
    [InlineData("=z:mse")]
    [InlineData("x=z:kl")]
    [InlineData("x=C5:qq_kk")]
    [InlineData("x=z:relation_sum")]
    [InlineData("1st=z:mse")]
    [InlineData("detection=z:mse")]
    public void BadDefinitionsAreRefused(string text) =>
        Assert.StartsWith($"task '{text}': ", Assert.Throws<UserException>(() => SearchTask.Parse(text)).Message);

    /// <summary>What tasks share is computed once, and each has what it would have alone.</summary>
    [Fact]
    public void ManyTasksScoreAsEachAlone()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(5, 16);
        SearchTask[] tasks =
        [
            .. SearchTask.All, SearchTask.Parse("a=C1+C3:mse"), SearchTask.Parse("b=C2-C5:cosine"), SearchTask.Parse("c=z:mse"),
            SearchTask.Parse("d=C5:relation"),
        ];
        var candidate = Tiny.Space.FromIndex(11);
        var together = Recorded.Walk(networks, images, [candidate], tasks: tasks)[candidate];
        foreach (var (i, task) in tasks.Index())
            Assert.Equal(Recorded.Walk(networks, images, [candidate], tasks: [task])[candidate], together[(5 * i)..(5 * i + 5)]);
    }
}
