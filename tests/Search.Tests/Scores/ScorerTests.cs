using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Scores;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Scores;

public sealed class ScorerTests
{
    [SkippableFact]
    public void CosineAgreesWithPyTorch()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(6, 16);
        using var scorer = new Scorer(networks, [SearchTask.Classification], images);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var candidate = Tiny.Space.Min;
        var last = networks.Student.LastMap(images, candidate);
        var parts = new List<(string, Tensor)> { ("student", last), ("teacher", networks.Teacher.LastMap(images, Tiny.Space.Max)) };
        foreach (var (name, store) in new[] { ("s.", networks.StudentWeights), ("t.", networks.TeacherWeights) })
            parts.AddRange(store.Slots.Where(s => s.Key.StartsWith("neck", StringComparison.Ordinal)).Select(s => (name + s.Key, s.Full())));
        SafeTensors.Write(folder.File("z.safetensors"), parts, new Dictionary<string, string>());
        var printed = Python.Run("""
            import torch.nn.functional as F
            w = read('z.safetensors')
            def z(map, p):
                x = map.mean((2, 3)).double()
                first = w[p + 'neck.mlp.0.weight'][:, :x.shape[1]].double()
                x = F.relu(F.linear(x, first, w[p + 'neck.mlp.0.bias'].double()))
                return F.linear(x, w[p + 'neck.mlp.2.weight'].double(), w[p + 'neck.mlp.2.bias'].double())
            print(repr(F.cosine_similarity(z(w['student'], 's.'), z(w['teacher'], 't.')).mean().item()))
            """, folder.Path);
        Assert.Equal(double.Parse(printed), scorer.Cosine(last), 1e-6);
    }

    [Fact]
    public void AStudentWithTheTeachersWeightsIsPerfect()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        networks.StudentWeights.CopyFrom(networks.TeacherWeights);
        using var images = TestNetworks.Images(6, 16);
        var scores = Walk.Recorded.Walk(networks, images, [.. Tiny.Space.All().TakeLast(40)]).Scores;
        Assert.Equal(1, scores[Tiny.Space.Max]["classification"], 1e-6);
        foreach (var task in SearchTask.All) Assert.Equal(Tiny.Space.Max, scores.MaxBy(s => s.Value[task.Name]).Key);
    }

    [Theory]
    [InlineData("classification", "Classification", "z")]
    [InlineData(" Detection-C4 ", "DetectionC4", "C5")]
    [InlineData("SEGMENTATION", "Segmentation", "C4-C5")]
    public void TasksAreParsed(string text, string identifier, string features)
    {
        var task = SearchTask.Parse(text);
        Assert.Equal((identifier, features), (task.Identifier, task.Features));
    }

    [Fact]
    public void AnUnknownTaskNamesTheKnownOnes()
    {
        var error = Assert.Throws<UserException>(() => SearchTask.Parse("depth"));
        Assert.Equal("unknown task 'depth'; known are classification, detection-c4, detection, segmentation", error.Message);
    }
}
