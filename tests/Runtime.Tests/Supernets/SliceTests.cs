using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Supernets;

/// <summary>Slices are views: values come from, and gradients go to, the leading part of the full parameter and nowhere else.</summary>
public sealed class SliceTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 3)]
    public void A_slice_is_the_leading_part_of_the_full_weight(long first, long second)
    {
        using var scope = NewDisposeScope();
        using var store = Store(out var weight, out _);
        var slice = weight.Slice(first, second);
        Close.SameBits(weight.Full().narrow(0, 0, first).narrow(1, 0, second), slice, "slice");

        var x = randn([2, second, 5, 5]);
        var expected = nn.functional.conv2d(x, weight.Full().narrow(0, 0, first).narrow(1, 0, second).contiguous(), padding: [1L, 1L]);
        Close.To(expected, nn.functional.conv2d(x, slice, padding: [1L, 1L]), 1e-6, "forward");
    }

    [Fact]
    public void Gradients_of_slices_add_up_in_their_places_and_nowhere_else()
    {
        using var scope = NewDisposeScope();
        using var store = Store(out var weight, out var bias);
        var expected = zeros(weight.Shape);
        foreach (var (first, second) in new[] { (2L, 1L), (3L, 2L), (2L, 1L) })
        {
            var factors = randn([first, second, 3, 3]);
            (weight.Slice(first, second) * factors).sum().backward();
            expected.narrow(0, 0, first).narrow(1, 0, second).add_(factors);
        }
        bias.Slice(2).sum().backward();

        Close.To(expected, weight.FullGradient(), 1e-6, "gradient");
        Assert.Equal([1f, 1f, 0f, 0f, 0f], bias.FullGradient().data<float>().ToArray());
        // Nothing lands in the gaps between parameters.
        Assert.Equal(Close.Norm(expected) * Close.Norm(expected) + 2, Math.Pow(Close.Norm(store.Gradients), 2), 1e-3);
        store.ZeroGradients();
        Assert.Equal(0, Close.Norm(weight.FullGradient()));
    }

    [Fact]
    public void A_slice_sees_every_later_change_of_the_values()
    {
        using var scope = NewDisposeScope();
        using var store = Store(out var weight, out _);
        var slice = weight.Slice(2, 2);
        using (no_grad()) store.Values.fill_(7);
        Assert.Equal(7f, slice.detach().min().item<float>());
    }

    private static ParameterStore Store(out ParameterSlot weight, out ParameterSlot bias)
    {
        var store = new ParameterStore();
        weight = store.Declare("weight", [4, 3, 3, 3], Initializer.KaimingFanOut, lowPrecision: true);
        bias = store.Declare("bias", [5], Initializer.Zeros);
        store.Allocate(CPU, ScalarType.Float32, trainable: true);
        store.Initialize(1);
        return store;
    }
}
