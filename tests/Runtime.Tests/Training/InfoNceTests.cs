using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>The loss in one walk over the negatives, against libtorch's cross-entropy over all logits at once and its autograd.</summary>
public sealed class InfoNceTests
{
    [Theory]
    [InlineData(0.2)]
    [InlineData(0.05)]
    [InlineData(0.005)]
    [InlineData(5)]
    public void Loss_and_gradient_are_those_of_cross_entropy(double temperature)
    {
        using var scope = NewDisposeScope();
        // The last two do not fit one chunk: an even number of them, and a rest.
        foreach (var (n, d, k) in new[] { (1L, 4L, 1L), (4, 16, 24), (32, 16, 65536), (500, 8, 5000) })
        {
            using var generator = new Generator((ulong)n);
            var queries = Unit(n, d, generator).requires_grad_();
            var (keys, negatives) = (Unit(n, d, generator), Unit(k, d, generator).t().contiguous());

            var logits = cat([(queries * keys).sum(1, keepdim: true), queries.mm(negatives)], dim: 1) / temperature;
            var expected = functional.cross_entropy(logits, zeros(n, ScalarType.Int64));
            expected.backward();

            var (loss, gradient) = InfoNce.Of(queries.detach(), keys, negatives, temperature);
            // A loss near zero is the difference of nearly equal logarithms, its gradient of nearly equal vectors: compared before they are
            // subtracted.
            Close.To(expected.detach() + 1, loss + 1, 1e-5, $"loss of {n} queries and {k} negatives");
            Close.To(
                queries.grad! * (temperature * n) + keys, gradient * (temperature * n) + keys, 1e-5,
                $"gradient of {n} queries and {k} negatives");
        }
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var (queries, keys, negatives) = (Unit(300, 48, generator), Unit(300, 48, generator), Unit(3000, 48, generator).t().contiguous());
        var before = get_num_threads();
        try
        {
            set_num_threads(1);
            var one = InfoNce.Of(queries, keys, negatives, 0.2);
            set_num_threads(3);
            var three = InfoNce.Of(queries, keys, negatives, 0.2);
            Close.SameBits(one.Loss, three.Loss, "loss");
            Close.SameBits(one.Gradient, three.Gradient, "gradient");
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(64)]
    public void What_is_not_a_number_shows_in_the_loss(long n)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(8);
        var (queries, keys, negatives) = (Unit(n, 16, generator), Unit(n, 16, generator), Unit(600, 16, generator).t().contiguous());
        Assert.True(float.IsFinite(InfoNce.Of(queries, keys, negatives, 0.2).Loss.item<float>()));
        queries[n - 1, 3] = float.NaN;
        Assert.True(float.IsNaN(InfoNce.Of(queries, keys, negatives, 0.2).Loss.item<float>()));
    }

    private static Tensor Unit(long count, long dimension, Generator generator) =>
        functional.normalize(randn([count, dimension], generator: generator), dim: 1);
}
