using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>A convolution with weights laid out ahead against the same convolution in 64 bits, which oneDNN does not compute.</summary>
public sealed class PackedConvolutionTests
{
    public static TheoryData<long, long, long, long, long, bool> Shapes() => new()
    {
        // in, out, kernel, stride, groups, bias
        { 3, 64, 7, 2, 1, true },
        { 64, 64, 1, 1, 1, true },
        { 64, 256, 1, 2, 1, false },
        { 48, 40, 3, 1, 1, true },
        { 48, 40, 3, 2, 1, true },
        { 5, 7, 3, 1, 1, false },
        { 32, 32, 3, 1, 32, true },
        { 24, 24, 7, 2, 24, true },
        { 32, 64, 3, 1, 4, true },
        { 1, 1, 1, 1, 1, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_is_the_convolution_in_64_bits(long @in, long @out, long kernel, long stride, long groups, bool bias)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        // Products are summed in 32 bits over up to 576 values; results of bfloat16 have 8 bits, and so have its products' factors.
        foreach (var (type, tolerance) in new[] { (ScalarType.Float32, 1e-5), (ScalarType.BFloat16, 1.0 / 128) })
        {
            var (weight, shift) = (randn(@out, @in / groups, kernel, kernel).to(type), bias ? randn(@out).to(type) : null);
            using var convolution = new PackedConvolution(weight, [stride, stride], [kernel / 2, kernel / 2], groups);
            // Other sizes than those that the weights were laid out for, and back.
            // The small ones are products of our own, those of four large images oneDNN's.
            foreach (var (n, h, w) in new[] { (1L, 14L, 14L), (3, 17, 9), (1, 7, 7), (4, 60, 60), (1, 14, 14) })
            {
                var x = MemoryFormat.ChannelsLast(randn(n, @in, h, w).to(type));
                var y = convolution.Of(x, shift);
                Assert.Equal(type, y.dtype);
                Assert.True(MemoryFormat.IsChannelsLast(y));
                var exact = functional.conv2d(
                    x.to(ScalarType.Float64), weight.to(ScalarType.Float64), shift?.to(ScalarType.Float64), [stride, stride],
                    [kernel / 2, kernel / 2], groups: groups);
                Close(exact, y, tolerance);
            }
        }
    }

    /// <summary>
    /// Of images alone and together, by one thread and by two, of whole vectors of channels and not: the same to the bit.
    /// </summary>
    [Theory]
    [InlineData(40, 48, 3, 2)]
    [InlineData(96, 300, 1, 1)]
    [InlineData(12, 20, 3, 1)]
    [InlineData(320, 160, 1, 1)]
    public void A_small_product_does_not_depend_on_what_is_beside_it(long @in, long @out, long kernel, long stride)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var convolution = new PackedConvolution(randn(@out, @in, kernel, kernel), [stride, stride], [kernel / 2, kernel / 2]);
        var images = MemoryFormat.ChannelsLast(randn(5, @in, 6, 5));
        var bias = randn(@out);
        var threads = get_num_threads();
        try
        {
            set_num_threads(2);
            var together = convolution.Of(images, bias);
            set_num_threads(1);
            Assert.True(together.Equals(convolution.Of(images, bias)));
            for (var i = 0; i < 5; i++)
                Assert.True(together.narrow(0, i, 1).Equals(convolution.Of(images.narrow(0, i, 1), bias)), $"image {i}");
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void A_slice_of_weights_is_taken_where_it_lies()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var flat = randn(1 << 16);
        var slice = flat.as_strided([24, 20, 3, 3], [32 * 9, 1, 3 * 32, 32], 77);
        using var convolution = new PackedConvolution(slice, [1, 1], [1, 1]);
        var x = MemoryFormat.ChannelsLast(randn(2, 20, 9, 9));
        Close(functional.conv2d(x.to(ScalarType.Float64), slice.to(ScalarType.Float64), padding: [1, 1]), convolution.Of(x, null), 1e-5);
    }

    /// <summary>What oneDNN does not take is libtorch's: gradients, 64 bits, images in rows.</summary>
    [Fact]
    public void Others_take_the_plain_way()
    {
        using var scope = NewDisposeScope();
        var weight = randn(8, 8, 3, 3);
        using var convolution = new PackedConvolution(weight, [1, 1], [1, 1]);
        var x = MemoryFormat.ChannelsLast(randn(1, 8, 5, 5)).detach().requires_grad_();
        convolution.Of(x, null).sum().backward();
        var exact = x.detach().to(ScalarType.Float64).requires_grad_();
        functional.conv2d(exact, weight.to(ScalarType.Float64), padding: [1, 1]).sum().backward();
        Close(exact.grad!, x.grad!, 1e-5);
        using var grad = no_grad();
        Close(functional.conv2d(x, weight, padding: [1, 1]), convolution.Of(x.contiguous(), null), 1e-5);
        using var wide = new PackedConvolution(weight.to(ScalarType.Float64), [1, 1], [1, 1]);
        Close(functional.conv2d(exact, weight.to(ScalarType.Float64), padding: [1, 1]), wide.Of(exact, null), 1e-12);
    }

    [Fact]
    public void Images_with_other_channels_are_refused()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var convolution = new PackedConvolution(randn(8, 16, 3, 3), [1, 1], [0, 0]);
        Assert.ThrowsAny<Exception>(() => convolution.Of(MemoryFormat.ChannelsLast(randn(1, 8, 6, 6)), null));
    }

    private static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().ToDouble() / Math.Max(1e-9, expected.abs().max().ToDouble()), 0, tolerance);
    }
}
