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

    [SkippableFact]
    public void AgreesWithPyTorch()
    {
        using var folder = new TemporaryFolder();
        SafeTensors.Write(folder.File("maps.safetensors"), [("teacher", teacher), ("student", student)], new Dictionary<string, string>());
        var printed = Python.Run("""
            maps = read('maps.safetensors')
            def relations(m):
                m = torch.nn.functional.normalize(m.double().flatten(2), dim=1)
                return torch.einsum('ncp,ncq->npq', m, m).flatten(0, 1) / 0.2
            t, s = relations(maps['teacher']), relations(maps['student'])
            print(repr(torch.nn.functional.cross_entropy(s, t.softmax(1)).item()))
            """, folder.Path);
        using var score = new RelationScore(teacher);
        Assert.Equal(double.Parse(printed), score.CrossEntropy(student), 1e-5);
    }

    [Fact]
    public void ChunksDoNotShow()
    {
        using var whole = new RelationScore(teacher);
        using var chunked = new RelationScore(teacher, chunkElements: 3 * 81 * 81);
        Assert.Equal(whole.CrossEntropy(student), chunked.CrossEntropy(student), 1e-9);
        using var single = new RelationScore(teacher, chunkElements: 1);
        Assert.Equal(whole.CrossEntropy(student), single.CrossEntropy(student), 1e-9);
    }

    [Fact]
    public void TheTeacherItselfIsTheMinimum()
    {
        using var score = new RelationScore(teacher);
        using var scope = NewDisposeScope();
        var positions = functional.normalize(teacher.flatten(2), dim: 1);
        var p = (positions.transpose(1, 2).bmm(positions) / RelationScore.Temperature).softmax(2);
        var entropy = -(p * p.log()).sum(2).mean().item<float>();
        Assert.Equal(entropy, score.CrossEntropy(teacher), 1e-5);
        Assert.True(score.CrossEntropy(student) > score.CrossEntropy(teacher) + 1e-3);
        Assert.True(score.CrossEntropy(teacher + 0.1 * randn_like(teacher)) > score.CrossEntropy(teacher));
    }

    [Fact]
    public void ChannelsMayBeScaledAndPermuted()
    {
        using var score = new RelationScore(teacher);
        using var scope = NewDisposeScope();
        Assert.Equal(score.CrossEntropy(student), score.CrossEntropy(student.flip(1) * 7), 1e-6);
    }
}
