using DataSsl.Search.Scores;
using DataSsl.Tests;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Tests.Scores;

public sealed class RelationScoreTests : IDisposable
{
    private readonly Tensor teacher = Seeded.Uniform("scores/teacher map", [10, 3, 9, 9]);

    /// <summary>Another number of channels than the teacher's: only positions are compared.</summary>
    private readonly Tensor student = Seeded.Uniform("scores/student map", [10, 2, 9, 9]);

    public void Dispose()
    {
        teacher.Dispose();
        student.Dispose();
    }

    [Theory]
    [InlineData(Metric.Relation)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Mse)]
    public void AgreesWithPyTorch(Metric metric)
    {
        using var recording = Recording.Of("scores");
        using var score = new RelationScore(teacher, metric);
        var expected = recording[$"maps/{metric}"].data<float>().ToArray();
        Assert.Equal(10, expected.Length);
        Assert.All(expected.Zip(score.OfEach(student)), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
    }

    /// <summary>Equation 5 as it is printed: 81 positions count 81 times as much as their mean.</summary>
    [Fact]
    public void TheSumIsOverPositions()
    {
        using var recording = Recording.Of("scores");
        using var score = new RelationScore(teacher, Metric.RelationSum);
        var means = recording["maps/Relation"].data<float>().ToArray();
        Assert.All(means.Zip(score.OfEach(student)), pair => Assert.Equal(81 * pair.First, pair.Second, 81 * 2e-5));
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
            Assert.All(
                whole.OfEach(student).Zip(parts.OfEach(student)),
                pair => Assert.Equal(pair.First, pair.Second, 1e-6 * Math.Max(1, Math.Abs(pair.First))));
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
