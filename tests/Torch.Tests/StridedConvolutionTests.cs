using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>Strided 1x1 convolutions, whose gradients oneDNN 2.7 computes in memory that is not theirs, against 64 bits, which it does not compute.</summary>
public sealed class StridedConvolutionTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    public void Gradients_of_a_1x1_kernel_are_right_for_any_channels(long down, long across)
    {
        foreach (var (@in, @out, side) in new[] { (10L, 20L, 15L), (3, 5, 8), (24, 40, 7), (17, 16, 9), (16, 17, 2), (64, 100, 14) })
            foreach (var layout in new Func<Tensor, Tensor>[] { x => x.clone(), MemoryFormat.ChannelsLast })
            {
                using var scope = NewDisposeScope();
                using var conv = Conv2d(@in, @out, (1, 1), stride: (down, across));
                var x = layout(randn(4, @in, side, side)).detach().requires_grad_();
                var y = conv.call(x);
                y.square().sum().backward();

                var (exact, weight) = (x.detach().to(ScalarType.Float64).requires_grad_(), conv.weight.detach().to(ScalarType.Float64).requires_grad_());
                var expected = functional.conv2d_padding(exact, weight, conv.bias!.to(ScalarType.Float64), [down, across]);
                expected.square().sum().backward();
                Close(expected, y);
                Close(exact.grad!, x.grad!);
                Close(weight.grad!, conv.weight.grad!);
            }
    }

    [Fact]
    public void One_image_without_a_batch_has_them_too()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(6, 5, 7).requires_grad_(), randn(4, 6, 1, 1));
        var y = functional.conv2d(x, weight, strides: [2, 2]);
        var expected = functional.conv2d_padding(x.unsqueeze(0), weight, strides: [2, 2])[0];
        Assert.Equal([4L, 3, 4], y.shape);
        Close(expected, y);
    }

    private static void Close(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().ToDouble() / expected.abs().max().ToDouble(), 0, 2e-5);
    }
}
