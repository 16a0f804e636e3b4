using DataSsl.Runtime.Storage;
using DataSsl.Search.Scores;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Tests.Scores;

public sealed class RelationScoreTests : IDisposable
{
    private readonly Tensor teacher = TestNetworks.Images(10, 9, seed: 1);
    private readonly Tensor student;

    public RelationScoreTests()
    {
        // Another number of channels than the teacher's: only positions are compared.
        using var other = TestNetworks.Images(10, 9, seed: 2);
        using var half = other.narrow(1, 0, 2);
        student = half.contiguous();
    }

    public void Dispose()
    {
        teacher.Dispose();
        student.Dispose();
    }

    [SkippableTheory]
    [InlineData(Metric.Relation, "-torch.nn.functional.cross_entropy(s / 0.2, (t / 0.2).softmax(1), reduction='none')")]
    [InlineData(Metric.Cosine, "(s * t).sum(1)")]
    [InlineData(Metric.Mse, "-(s - t).pow(2).sum(1)")]
    public void AgreesWithPyTorch(Metric metric, string formula)
    {
        using var folder = new TemporaryFolder();
        SafeTensors.Write(folder.File("maps.safetensors"), [("teacher", teacher), ("student", student)], new Dictionary<string, string>());
        var printed = Python.Run($"""
            maps = read('maps.safetensors')
            def relations(m):
                m = torch.nn.functional.normalize(m.double().flatten(2), dim=1)
                return torch.einsum('ncp,ncq->npq', m, m).flatten(0, 1)
            t, s = relations(maps['teacher']), relations(maps['student'])
            print(*({formula}).reshape(10, 81).mean(1).tolist())
            """, folder.Path);
        using var score = new RelationScore(teacher, metric);
        Assert.All(printed.Split(' ').Select(double.Parse).Zip(score.OfEach(student)), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
    }

    [Theory]
    [InlineData(3 * 81 * 81)]
    [InlineData(81 * 81)]
    [InlineData(81 * 20)]
    [InlineData(1)]
    public void PartsDoNotShow(long elements)
    {
        foreach (var metric in Enum.GetValues<Metric>())
        {
            using var whole = new RelationScore(teacher, metric);
            using var parts = new RelationScore(teacher, metric, elements);
            Assert.All(whole.OfEach(student).Zip(parts.OfEach(student)), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Fact]
    public void TheTeacherItselfIsTheMostAlike()
    {
        using var score = new RelationScore(teacher);
        using var scope = NewDisposeScope();
        var positions = functional.normalize(teacher.flatten(2), dim: 1);
        var p = (positions.transpose(1, 2).bmm(positions) / RelationScore.Temperature).softmax(2);
        var entropy = -(p * p.log()).sum(2).mean().item<float>();
        Assert.Equal(-entropy, score.OfEach(teacher).Average(), 1e-5);
        Assert.True(score.OfEach(student).Average() < score.OfEach(teacher).Average() - 1e-3);
        Assert.True(score.OfEach(teacher + 0.1 * randn_like(teacher)).Average() < score.OfEach(teacher).Average());
    }

    [Fact]
    public void ChannelsMayBeScaledAndPermuted()
    {
        using var score = new RelationScore(teacher);
        using var scope = NewDisposeScope();
        Assert.All(score.OfEach(student).Zip(score.OfEach(student.flip(1) * 7)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }
}
