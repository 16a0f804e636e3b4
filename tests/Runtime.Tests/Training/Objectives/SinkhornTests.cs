using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Assignments that are balanced over the prototypes.</summary>
public sealed class SinkhornTests
{
    [Theory]
    [InlineData(8, 5, 3, 0.05)]
    [InlineData(5, 12, 3, 0.05)]
    [InlineData(16, 4, 1, 0.5)]
    public void It_is_the_published_iteration_in_64_bits(int images, int prototypes, int iterations, double epsilon)
    {
        using var scope = NewDisposeScope();
        var scores = Scores(images, prototypes);
        var assigned = Sinkhorn.Assign(scores, epsilon, iterations).data<float>().ToArray();
        var expected = BruteForce(
            [.. scores.data<float>().ToArray().Select(score => Math.Exp(score / epsilon))], images, prototypes, iterations);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], assigned[i], 1e-5);
        for (var image = 0; image < images; image++) Assert.Equal(1, assigned.Skip(image * prototypes).Take(prototypes).Sum(), 1e-5);
    }

    [Fact]
    public void At_convergence_each_image_has_one_and_each_prototype_equally_many()
    {
        using var scope = NewDisposeScope();
        var assigned = Sinkhorn.Assign(Scores(12, 6), 0.3, 200);
        Assert.True(assigned.sum(1L).allclose(ones(12), rtol: 1e-5));
        Assert.True(assigned.sum(0L).allclose(full(6, 2f), rtol: 1e-5));
    }

    [Fact]
    public void Images_that_all_want_one_prototype_are_dealt_to_all()
    {
        using var scope = NewDisposeScope();
        var scores = zeros(8, 4);
        scores.select(1, 2).add_(0.9);
        Assert.True(Sinkhorn.Assign(scores, 0.05, 3).sum(0L).allclose(full(4, 2f), rtol: 1e-4));
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        // exp(1 / 0.01) is beyond 32 bits.
        Assert.True(Sinkhorn.Assign(Scores(6, 3), 0.01, 3).isfinite().all().item<bool>());
    }

    private static Tensor Scores(int images, int prototypes)
    {
        using var generator = new Generator(4);
        return nn.functional.normalize(randn([images, prototypes], generator: generator), dim: 1);
    }

    /// <summary>Appendix A.1 of Caron et al. 2020, a prototype at a time, then an image at a time.</summary>
    private static double[] BruteForce(double[] q, int images, int prototypes, int iterations)
    {
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            for (var k = 0; k < prototypes; k++) Scale(Enumerable.Range(0, images).Select(image => image * prototypes + k), prototypes);
            for (var image = 0; image < images; image++) Scale(Enumerable.Range(image * prototypes, prototypes), images);
        }
        return [.. q.Select(value => value * images)];

        void Scale(IEnumerable<int> places, int count)
        {
            var own = places.ToArray();
            var sum = own.Sum(i => q[i]);
            foreach (var i in own) q[i] /= sum * count;
        }
    }
}
