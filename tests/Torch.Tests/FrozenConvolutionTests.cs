using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>A convolution with frozen weights, which keeps them in oneDNN's layout, against the same convolution in 64 bits; and that it never computes with weights of the past.</summary>
public sealed class FrozenConvolutionTests
{
    public static TheoryData<long, long, long, long, long, long, long, bool> Shapes() => new()
    {
        // in, out, kernel, stride, padding, dilation, groups, bias
        { 3, 64, 7, 2, 3, 1, 1, true },
        { 64, 64, 1, 1, 0, 1, 1, true },
        { 64, 256, 1, 2, 0, 1, 1, false },
        { 48, 40, 3, 1, 1, 1, 1, true },
        { 48, 40, 3, 2, 1, 2, 1, true },
        { 5, 7, 3, 1, 2, 1, 1, false },
        { 32, 32, 3, 1, 1, 1, 32, true },
        { 24, 24, 7, 2, 3, 1, 24, true },
        { 32, 64, 3, 1, 1, 1, 4, true },
        { 1, 1, 1, 1, 0, 1, 1, true },
    };

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void It_is_the_convolution_in_64_bits(long @in, long @out, long kernel, long stride, long padding, long dilation, long groups, bool bias)
    {
        NeedsOneDnn();
        using var scope = NewDisposeScope();
        foreach (var (type, tolerance) in new[] { (ScalarType.Float32, 1e-5), (ScalarType.BFloat16, 2e-2) })
        {
            using var conv = Frozen(Conv2d(@in, @out, kernel, stride, padding, dilation, groups: groups, bias: bias).to(type));
            foreach (var (n, h, w) in new[] { (1L, 14L, 14L), (3, 17, 9), (1, 14, 14) })
            {
                var x = MemoryFormat.ChannelsLast(randn(n, @in, h, w).to(type));
                var y = conv.call(x);
                Assert.Equal(type, y.dtype);
                Assert.True(MemoryFormat.IsChannelsLast(y));
                Close(Exact(conv, x), y, tolerance);
            }
        }
    }

    /// <summary>Each way in which weights change, whatever libtorch counts of it.</summary>
    public static TheoryData<string> Writes() => [.. Changes.Keys];

    private static readonly Dictionary<string, Action<Conv2d>> Changes = new()
    {
        ["in place"] = conv => conv.weight.mul_(2),
        ["a copy"] = conv => conv.weight.copy_(randn_like(conv.weight)),
        ["a view"] = conv => conv.weight.flatten()[3] = 5f,
        ["another tensor's memory"] = conv => conv.weight.set_(MemoryFormat.ChannelsLast(randn_like(conv.weight))),
        ["an element"] = conv => conv.weight.data<float>()[0, 1, 0, 2] = 5f,
        ["an element of a view"] = conv => conv.weight.transpose(0, 1).data<float>()[1, 0, 0, 2] = 5f,
        ["an accessor of before"] = conv => Before(conv)[0, 1, 0, 2] = 5f,
        ["an array"] = conv => conv.weight.data<float>().CopyFrom(new float[conv.weight.numel()]),
        ["bytes"] = conv => conv.weight.bytes.Fill(0),
        ["bytes of the state"] = conv => conv.state_dict()["weight"].bytes[..4].Clear(),
        ["another parameter"] = conv => conv.weight = Parameter(randn_like(conv.weight), requires_grad: false),
        ["the bias"] = conv => conv.bias!.fill_(7),
        ["the stride"] = conv => conv.stride = [2, 2],
        ["there and back"] = conv => conv.to(ScalarType.BFloat16).to(ScalarType.Float32),
    };

    private static TensorAccessor<float> Before(Conv2d conv) => s_before ?? throw new InvalidOperationException($"no accessor of {conv}");

    [ThreadStatic] private static TensorAccessor<float>? s_before;

    [SkippableTheory]
    [MemberData(nameof(Writes))]
    public void Weights_that_change_are_laid_out_anew(string change)
    {
        NeedsOneDnn();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var conv = Frozen(Conv2d(24, 32, 3, padding: 1));
        var x = MemoryFormat.ChannelsLast(randn(1, 24, 9, 9));
        s_before = conv.weight.data<float>();
        for (var round = 0; round < 3; round++)
        {
            Close(Exact(conv, x), conv.call(x), 1e-5);
            using var before = conv.call(x);
            Changes[change](conv);
            if (round == 0) Assert.False(before.shape.SequenceEqual(conv.call(x).shape) && before.allclose(conv.call(x), 1e-4, 1e-4), "the change changes nothing");
            Close(Exact(conv, x), conv.call(x), 1e-5);
        }
    }

    [SkippableFact]
    public void What_it_does_not_take_is_left_to_libtorch()
    {
        NeedsOneDnn();
        using var scope = NewDisposeScope();
        using var frozen = new FrozenConvolution();
        var (x, weight) = (MemoryFormat.ChannelsLast(randn(1, 8, 5, 5)), randn(8, 8, 1, 1));
        ReadOnlySpan<long> window = [1, 1, 0, 0, 1, 1, 1];
        Assert.NotNull(frozen.Of(x, weight, null, window));
        Assert.Null(frozen.Of(x.contiguous(), weight, null, window));
        Assert.Null(frozen.Of(x.detach().requires_grad_(), weight, null, window));
        Assert.Null(frozen.Of(x, weight.clone().requires_grad_(), null, window));
        Assert.Null(frozen.Of(x, weight, zeros(8).requires_grad_(), window));
        Assert.Null(frozen.Of(x.to(ScalarType.Float64), weight.to(ScalarType.Float64), null, window));
        Assert.Null(frozen.Of(x, weight.to(ScalarType.BFloat16), null, window));
        Assert.Null(frozen.Of(x, randn(8, 9, 1, 1), null, window));
        Assert.Null(frozen.Of(x, randn(8, 8, 7, 7), null, window));
    }

    [Fact]
    public void Gradients_pass_through_frozen_weights()
    {
        using var scope = NewDisposeScope();
        using var conv = Frozen(Conv2d(16, 16, 3, padding: 1));
        var x = MemoryFormat.ChannelsLast(randn(2, 16, 6, 6)).detach().requires_grad_();
        conv.call(x).sum().backward();
        var exact = x.detach().to(ScalarType.Float64).requires_grad_();
        Exact(conv, exact).sum().backward();
        Close(exact.grad!, x.grad!, 1e-5);
    }

    [Fact]
    public void Images_with_other_channels_are_refused()
    {
        using var scope = NewDisposeScope();
        using var conv = Frozen(Conv2d(16, 16, 3));
        Assert.Contains("16", Assert.ThrowsAny<Exception>(() => conv.call(MemoryFormat.ChannelsLast(randn(1, 8, 6, 6)))).Message);
        Assert.Contains("Kernel size", Assert.ThrowsAny<Exception>(() => conv.call(MemoryFormat.ChannelsLast(randn(1, 16, 2, 2)))).Message);
    }

    [Fact]
    public void Threads_may_share_one()
    {
        using var conv = Frozen(Conv2d(32, 32, 3, padding: 1));
        using var x = MemoryFormat.ChannelsLast(randn(1, 32, 12, 12));
        using var expected = conv.call(x);
        Parallel.For(0, 64, _ =>
        {
            using var scope = NewDisposeScope();
            Close(expected, conv.call(x), 1e-6);
            conv.call(MemoryFormat.ChannelsLast(randn(1, 32, 5 + Random.Shared.Next(9), 12)));
        });
    }

    [Fact]
    public void Many_sizes_do_not_fill_the_memory()
    {
        using var scope = NewDisposeScope();
        using var conv = Frozen(Conv2d(512, 512, 3, padding: 1)); // 9 MiB of weights
        var before = 0L;
        for (var side = 1; side <= 80; side++)
        {
            using var x = MemoryFormat.ChannelsLast(randn(1, 512, side % 40 + 1, 3));
            conv.call(x).Dispose();
            if (side == 20) before = Environment.WorkingSet;
        }
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 100L << 20);
    }

    private static void NeedsOneDnn()
    {
        using var frozen = new FrozenConvolution();
        Skip.If(frozen.IsInvalid, "the shim was built without oneDNN's headers (libdnnl-dev)");
    }

    private static Conv2d Frozen(nn.Module conv)
    {
        foreach (var parameter in conv.parameters()) parameter.requires_grad = false;
        return (Conv2d)conv;
    }

    private static Tensor Exact(Conv2d conv, Tensor x) =>
        functional.conv2d(x.to(ScalarType.Float64), conv.weight.to(ScalarType.Float64), conv.bias?.to(ScalarType.Float64), conv.stride, conv.padding, conv.dilation, conv.groups);

    private static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().ToDouble() / Math.Max(1e-9, expected.abs().max().ToDouble()), 0, tolerance);
    }
}
