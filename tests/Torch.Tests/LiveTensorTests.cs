using DataSsl.Tests;
using DataSsl.Torch.Emitted;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

/// <summary>
/// Calls hold as many tensors at their end as at their beginning. Tensors are counted in the whole process, so no other test runs beside
/// these.
/// </summary>
[CollectionDefinition(nameof(LiveTensorTests), DisableParallelization = true)]
[Collection(nameof(LiveTensorTests))]
public sealed class LiveTensorTests
{
    public LiveTensorTests() => Forgotten.Free();

    [Fact]
    public void A_packed_convolution_holds_no_memory_from_call_to_call()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var convolution = new PackedConvolution(randn(256, 256, 3, 3), [1, 1], [1, 1]);
        using var x = MemoryFormat.ChannelsLast(randn(8, 256, 14, 14));
        var (tensors, memory) = (0L, 0L);
        for (var call = 0; call < 300; call++)
        {
            convolution.Of(x, null).Dispose();
            if (call == 100) (tensors, memory) = (LiveTensors.Count, Environment.WorkingSet);
        }
        Assert.Equal(tensors, LiveTensors.Count);
        // A result has 1.5 MiB: two hundred would show.
        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, 50L << 20);
    }

    /// <summary>Weights that change are laid out anew in the place of those before, and the end frees all three.</summary>
    [Fact]
    public void A_fused_convolution_holds_its_weights_twice_at_most()
    {
        using var grad = no_grad();
        using var drawn = randn(8, 256, 14, 14);
        using var x = MemoryFormat.ChannelsLast(drawn);
        var convolution = new FusedConv2d(256, 256, 3, activation: "relu");
        var (made, memory) = (LiveTensors.Count, 0L);
        for (var call = 0; call < 300; call++)
        {
            using (NewDisposeScope())
            {
                if (call % 3 == 0) convolution.state_dict()["weight"].mul_(1.01);
                convolution.forward(x, call % 2 == 0 ? x : null);
            }
            if (call == 100) memory = Environment.WorkingSet;
            Assert.Equal(made + (OneDnnConvolution.IsThere ? 1 : 0), LiveTensors.Count);
        }
        // A result has 1.5 MiB and the weights 2.3.
        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, 50L << 20);
        convolution.Dispose();
        Assert.Equal(made - 2, LiveTensors.Count);
    }

    /// <summary>TorchSharp keeps tensors of its custom functions; a step must not.</summary>
    [Fact]
    public void A_fused_norm_leaves_no_tensor_behind_forward_and_back()
    {
        var (tensors, memory) = (0L, 0L);
        using var scale = ones(64, requires_grad: true);
        using var shift = zeros(64, requires_grad: true);
        using var x = MemoryFormat.ChannelsLast(randn(16, 64, 32, 32)).detach().requires_grad_();
        for (var step = 0; step < 60; step++)
        {
            using (NewDisposeScope())
            {
                var y = FusedNorm.Of(x, scale, shift, 1e-5, Activation.Relu, x);
                FusedNorm.Of(y, scale, shift, 1e-5, Activation.Relu6, null).sum().backward();
            }
            if (step == 20) (tensors, memory) = (LiveTensors.Count, Environment.WorkingSet);
        }
        Assert.Equal(tensors, LiveTensors.Count);
        // A map has 4 MiB.
        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, 40L << 20);
    }
}
