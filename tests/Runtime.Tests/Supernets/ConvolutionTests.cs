using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Tests;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Tests.Supernets;

/// <summary>
/// Sliced convolutions of odd shapes against libtorch's own in 64 bits, which runs other kernels. oneDNN has overrun its buffers on some of
/// these.
/// </summary>
[Collection(SingleThread.Name)]
public sealed class ConvolutionTests
{
    /// <summary>
    /// A number in bfloat16 is off by 2^-9 of itself at most. Where the processor has it sums are made in 32 bits and rounded once or
    /// twice; elsewhere libtorch adds the products of a kernel's places in 16 bits, whose roundings add up as a random walk's steps, to the
    /// side of the kernel.
    /// </summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Outputs_and_gradients_of_any_slice_are_right(ScalarType type)
    {
        for (var i = 0; i < 120; i++)
        {
            using var scope = NewDisposeScope();
            var random = CounterRandom.For(5, "convolutions", i);
            int Draw(params int[] values) => values[random.Below(values.Length)];
            var (kernel, stride, side) = (Draw(1, 3, 5), Draw(1, 2), Draw(2, 5, 6, 12, 24, 48));
            var tolerance = type == ScalarType.Float32 ? 1e-5 : Math.Max(2, kernel) / 512.0;
            int[] ins = [Draw(3, 8, 12), Draw(16, 24, 40)];
            int[] outs = [Draw(4, 10, 16), Draw(20, 32)];
            using var store = new ParameterStore();
            var conv = new SlicedConv2d(null, store, "c", ins, outs, kernel, stride);
            store.Allocate(CPU, type, trainable: true);
            store.Initialize(i);
            using var generator = new Generator((ulong)i);
            var (@in, @out) = (ins[random.Below(2)], outs[random.Below(2)]);
            var images = randn([4, side, side, @in], generator: generator).to(type).permute(0, 3, 1, 2).requires_grad_();
            var what = $"case {i}: {@in} of {ins[1]} to {@out} of {outs[1]} channels, kernel {kernel}, stride {stride}, {side} px";

            var y = conv.forward(images, @in, @out);
            var upstream = randn(y.shape, generator: generator).to(type);
            y.backward([upstream]);

            var slot = store.Slots[0];
            var weight = slot.Full().narrow(0, 0, @out).narrow(1, 0, @in).to(type).to(ScalarType.Float64).detach().requires_grad_();
            var doubles = images.detach().to(ScalarType.Float64).contiguous().requires_grad_();
            var expected = functional.conv2d(doubles, weight, strides: [stride, stride], padding: [kernel / 2, kernel / 2]);
            expected.backward([upstream.to(ScalarType.Float64)]);
            Close.To(expected, y.to(ScalarType.Float64), tolerance, $"output of {what}");
            Close.To(doubles.grad!, images.grad!.to(ScalarType.Float64), tolerance, $"gradient of the images of {what}");
            var whole = slot.FullGradient().to(ScalarType.Float64);
            Close.To(weight.grad!, whole.narrow(0, 0, @out).narrow(1, 0, @in), tolerance, $"gradient of the slice of {what}");
            Assert.Equal(Close.Norm(weight.grad!), Close.Norm(whole), tolerance * Close.Norm(whole));
        }
    }

    /// <summary>
    /// Kernels that a frozen store keeps laid out, slice by slice in turn, for images of either layout and of several sizes.
    /// </summary>
    [Fact]
    public void Frozen_slices_convolve_as_views_do()
    {
        using var grad = no_grad();
        foreach (var (kernel, stride, side) in new[] { (3, 1, 2), (3, 2, 9), (1, 1, 4), (1, 2, 8), (7, 2, 16) })
        {
            using var scope = NewDisposeScope();
            using var store = new ParameterStore();
            using var frozen = new ParameterStore();
            var conv = new SlicedConv2d(null, store, "c", [8, 24], [16, 32], kernel, stride);
            var same = new SlicedConv2d(null, frozen, "c", [8, 24], [16, 32], kernel, stride);
            store.Allocate(CPU, ScalarType.Float32, trainable: false);
            store.Initialize(1);
            frozen.Allocate(CPU, ScalarType.Float32, trainable: false);
            frozen.CopyFrom(store);
            frozen.Freeze();
            Assert.False(store.IsFrozen);
            Assert.Throws<InvalidOperationException>(frozen.MustNotBeFrozen);
            Assert.Throws<InvalidOperationException>(() => frozen.CopyFrom(store));
            foreach (var count in new[] { 3, 1, 3 })
                foreach (var (@in, @out) in new[] { (8, 16), (24, 16), (8, 32), (24, 32) })
                {
                    var images = randn([count, side, side, @in]).permute(0, 3, 1, 2);
                    var expected = conv.forward(images, @in, @out);
                    Close.To(expected, same.forward(images, @in, @out), 1e-6, $"{@in} to {@out}, kernel {kernel}");
                    Close.To(
                        expected, same.forward(images.contiguous(), @in, @out), 1e-6, $"{@in} to {@out}, kernel {kernel}, channels apart");
                }
        }
    }

    [Fact]
    public void A_store_that_trains_is_not_frozen()
    {
        using var trainable = new ParameterStore();
        _ = new SlicedConv2d(null, trainable, "c", [8], [16], 3, 1);
        trainable.Allocate(CPU, ScalarType.Float32, trainable: true);
        Assert.Throws<InvalidOperationException>(trainable.Freeze);
    }
}
