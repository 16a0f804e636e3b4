using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>
/// Strided 1x1 convolutions, whose gradients oneDNN 2.7 computed in memory that was not theirs, against 64 bits, which oneDNN does not
/// compute. Of fewer channels than a vector has values 3.7 still does; supernets have a way round.
/// </summary>
public sealed class StridedConvolutionTests
{
    /// <summary>In bfloat16 the gradient by the weights was whatever the memory held: it is filled before.</summary>
    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 1)]
    [InlineData(3, 8)]
    [InlineData(5, 24)]
    public void Gradients_of_maps_of_one_pixel_are_right_in_bfloat16(long kernel, long groups)
    {
        foreach (var channels in new[] { 24L, 48 })
            for (var attempt = 0; attempt < 20; attempt++)
            {
                using var scope = NewDisposeScope();
                var x = MemoryFormat.ChannelsLast(randn(8, channels, 1, 1).to(ScalarType.BFloat16)).detach().requires_grad_();
                var weight = randn(channels, channels / groups, kernel, kernel).to(ScalarType.BFloat16).requires_grad_();
                foreach (var type in new[] { ScalarType.BFloat16, ScalarType.Float32 })
                    for (var i = 0; i < 20; i++) full_like(weight, 1e9, dtype: type).Dispose();
                StridedConvolution.Of(x, weight, null, [2, 2], [kernel / 2, kernel / 2], groups).to(ScalarType.Float32).sum().backward();

                // By the middle of the kernel alone, each output's gradient being one: the sum over the images of the input that it reads.
                var sums = x.detach().to(ScalarType.Float64).sum([0L]).reshape(groups, 1, channels / groups)
                    .expand(groups, channels / groups, channels / groups).reshape(channels, channels / groups);
                var expected = zeros_like(weight, dtype: ScalarType.Float64);
                expected.select(3, kernel / 2).select(2, kernel / 2).copy_(sums);
                // Eight images are summed; a processor without bfloat16 rounds each sum to 8 bits, by at most half the last of what the sum
                // can have been.
                var most = x.detach().to(ScalarType.Float64).abs().sum([0L]).max().ToDouble();
                var difference = (expected - weight.grad!.to(ScalarType.Float64)).abs().max().ToDouble() / most;
                Assert.True(
                    difference < 8 * Math.Pow(2, -9), $"{kernel} x {kernel} of {channels} channels in {groups} groups: {difference}");
            }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    public void Gradients_of_a_1x1_kernel_are_right_for_any_channels(long down, long across)
    {
        foreach (var (@in, @out, side) in new[] { (20L, 10L, 15L), (16, 5, 8), (24, 40, 7), (17, 16, 9), (16, 17, 2), (64, 100, 14) })
            foreach (var layout in new Func<Tensor, Tensor>[] { x => x.clone(), MemoryFormat.ChannelsLast })
            {
                using var scope = NewDisposeScope();
                var x = layout(randn(4, @in, side, side)).detach().requires_grad_();
                var weight = randn(@out, @in, 1, 1).requires_grad_();
                var y = functional.conv2d(x, weight, strides: [down, across]);
                y.square().sum().backward();

                var (exact, wide) = (x.detach().to(ScalarType.Float64).requires_grad_(),
                    weight.detach().to(ScalarType.Float64).requires_grad_());
                var expected = functional.conv2d(exact, wide, strides: [down, across]);
                expected.square().sum().backward();
                Close(expected, y, "y");
                Close(exact.grad!, x.grad!, "x");
                Close(wide.grad!, weight.grad!, "weight");

                void Close(Tensor expected, Tensor actual, string what)
                {
                    Assert.Equal(expected.shape, actual.shape);
                    var difference = (expected - actual).abs().max().ToDouble() / expected.abs().max().ToDouble();
                    Assert.True(
                        difference < 2e-5,
                        $"{what} of {@in} -> {@out}, side {side}, {(MemoryFormat.IsChannelsLast(x) ? "channels last" : "in rows")}: {difference}");
                }
            }
    }
}
