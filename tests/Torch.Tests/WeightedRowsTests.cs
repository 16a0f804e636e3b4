using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

/// <summary>Sums of weighted rows by libtorch's bags are those by TorchSharp's own operators, forward and back.</summary>
[Collection(nameof(LiveTensorTests))]
public sealed class WeightedRowsTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.Float64, 1e-12)]
    public void Bags_are_sums_of_rows(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        // Bags of 3, 0, 4 and 0 rows, some of them twice.
        var (indices, offsets) = (tensor(new long[] { 0, 4, 4, 1, 2, 0, 3 }), tensor(new long[] { 0, 3, 3, 7 }));
        var (weights, start) = (randn(7, type, generator: random), randn([5, 6], type, generator: random));
        var (sums, gradient) = By(WeightedRows.Sum);
        var (wanted, wantedGradient) = By(WeightedRows.Plain);
        Assert.Equal([4, 6], sums.shape);
        Assert.Equal(0, sums[1].abs().sum().to(ScalarType.Float64).item<double>());
        Assert.InRange((sums - wanted).abs().max().to(ScalarType.Float64).item<double>(), 0, tolerance);
        Assert.InRange((gradient - wantedGradient).abs().max().to(ScalarType.Float64).item<double>(), 0, tolerance);
        Assert.InRange(
            (sums[0] - (weights[0] * start[0] + (weights[1] + weights[2]) * start[4])).abs().max().to(ScalarType.Float64).item<double>(), 0,
            tolerance);

        (Tensor Sums, Tensor Gradient) By(Func<Tensor, Tensor, Tensor, Tensor, Tensor> sum)
        {
            var rows = start.clone().requires_grad_();
            var of = sum(rows, indices, weights, offsets);
            (of * arange(24, type).reshape(4, 6)).sum().backward();
            return (of.detach(), rows.grad!);
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Forgotten.Free();
        using var scope = NewDisposeScope();
        var rows = ones(3, 2).requires_grad_();
        var before = 0L;
        for (var i = 0; i < 5; i++)
        {
            using (NewDisposeScope())
                WeightedRows.Sum(rows, zeros(4, ScalarType.Int64), ones(4), tensor(new long[] { 0, 2 })).sum().backward();
            if (i == 0) before = LiveTensors.Count;
        }
        Assert.Equal(before, LiveTensors.Count);
    }
}
