using DataSsl.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

/// <summary>Weights in bfloat16, and the gradient that goes straight into theirs, are to the bit what autograd makes of them.</summary>
[Collection(nameof(LiveTensorTests))]
public sealed class RoundedWeightsTests
{
    /// <summary>Slices of a buffer as supernets have them: all of it, the slice, and whether input channels lie innermost.</summary>
    public static TheoryData<long[], long[], bool> Slices() => new()
    {
        { [256, 300, 1, 1], [256, 300, 1, 1], false },
        { [256, 512, 1, 1], [250, 301, 1, 1], false },
        { [128, 96, 3, 3], [128, 96, 3, 3], true },
        { [128, 96, 3, 3], [101, 83, 3, 3], true },
        // The centre of a kernel.
        { [96, 90, 5, 5], [95, 90, 3, 3], true },
        { [96, 90, 5, 5], [95, 77, 3, 3], true },
        { [400, 300], [311, 299], false },
        { [3, 200, 200], [3, 180, 170], false },
        { [70_001], [70_001], false },
        // So few that autograd does it.
        { [16, 16, 3, 3], [15, 14, 3, 3], true },
    };

    [Theory]
    [MemberData(nameof(Slices))]
    public void The_gradient_is_what_autograd_adds(long[] whole, long[] sizes, bool innermost)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var count = whole.Aggregate(1L, (n, side) => n * side);
        var (values, sums) = (randn(count, generator: random), randn(count, generator: random));
        var other = sums.clone();
        var (mine, wanted) = (Leaf(sums), Leaf(other));
        for (var use = 0; use < 3; use++)
        {
            var (rounded, plain) = (RoundedWeights.Of(mine, mine.grad), wanted.to(ScalarType.BFloat16));
            Same(plain.detach(), rounded.detach());
            // As the weights lie, and at the last otherwise.
            var gradient = empty_like(plain.detach()).copy_(randn(sizes, generator: random));
            if (use == 2) gradient = gradient.transpose(0, -1).contiguous().transpose(0, -1);
            rounded.backward([gradient]);
            plain.backward([gradient]);
            Same(other, sums);
        }

        Tensor Leaf(Tensor gradients)
        {
            var leaf = Slice(values).requires_grad_();
            leaf.grad = Slice(gradients);
            return leaf;
        }

        Tensor Slice(Tensor flat)
        {
            using var grad = no_grad();
            var laid = innermost ? flat.view(whole[0], whole[2], whole[3], whole[1]).permute(0, 3, 1, 2) : flat.view(whole);
            for (var i = 0; i < whole.Length; i++) laid = laid.narrow(i, i < 2 ? 0 : (whole[i] - sizes[i]) / 2, sizes[i]);
            return laid.detach();
        }
    }

    [Fact]
    public void Without_gradients_they_are_only_rounded()
    {
        using var scope = NewDisposeScope();
        var weights = randn(300, 300).requires_grad_();
        weights.grad = zeros(300, 300);
        using var grad = no_grad();
        var rounded = RoundedWeights.Of(weights, weights.grad);
        Assert.False(rounded.requires_grad);
        Same(weights.to(ScalarType.BFloat16), rounded);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Forgotten.Free();
        using var scope = NewDisposeScope();
        var weights = randn(300, 300).requires_grad_();
        var gradient = zeros(300, 300);
        weights.grad = gradient;
        var before = 0L;
        for (var i = 0; i < 5; i++)
        {
            using (NewDisposeScope()) RoundedWeights.Of(weights, gradient).sum().backward();
            if (i == 0) before = LiveTensors.Count;
        }
        Assert.Equal(before, LiveTensors.Count);
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(0, expected.ne(actual).count_nonzero().item<long>());
    }
}
