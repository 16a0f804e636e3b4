using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

public class AutogradTests
{
    [Fact]
    public void A_grad_set_beforehand_is_accumulated_into_in_place()
    {
        using var scope = NewDisposeScope();
        var flat = zeros(10);
        var weights = ones(10);
        var (a, b) = (weights.narrow(0, 0, 4).view(2, 2).detach().requires_grad_(), weights.narrow(0, 4, 6).view(2, 3).detach().requires_grad_());
        a.grad = flat.as_strided([2, 2], [2, 1], 0);
        b.grad = flat.as_strided([2, 3], [3, 1], 4);

        for (var step = 1; step <= 3; step++)
        {
            a.matmul(b).sum().backward();
            Assert.Equal([3, 3, 3, 3, 2, 2, 2, 2, 2, 2], flat.data<float>().ToArray().Select(value => value / step));
        }
        flat.zero_();
        Assert.Equal(0, a.grad!.abs().sum().ToDouble());
    }

    [Fact]
    public void Grad_modes_nest_and_return()
    {
        using var x = ones(1, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False((x * 2).requires_grad);
        }
        Assert.True(is_grad_enabled());
        using (inference_mode())
            Assert.True(is_inference_mode_enabled());
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void Grad_of_several_inputs_and_unused_ones()
    {
        using var scope = NewDisposeScope();
        var (x, y, z) = (tensor(2f, requires_grad: true), tensor(3f, requires_grad: true), tensor(4f, requires_grad: true));
        var grads = autograd.grad([x * y], [x, y, z], allow_unused: true);
        Assert.Equal(3, grads[0].ToSingle());
        Assert.Equal(2, grads[1].ToSingle());
        Assert.Null(grads[2]);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Backward_takes_gradients_and_keeps_the_graph_when_asked()
    {
        using var scope = NewDisposeScope();
        var x = ones([3], requires_grad: true);
        var y = x.square();
        y.backward([tensor(new[] { 1f, 2f, 3f })], retain_graph: true);
        y.backward([ones(3)]);
        Assert.Equal([4f, 6f, 8f], x.grad!.data<float>().ToArray());
        Assert.Throws<ExternalException>(() => y.backward([ones(3)]));
    }

    [Fact]
    public void Second_derivatives()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3f, requires_grad: true);
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        Assert.Equal(27, first.ToSingle());
        Assert.Equal(18, autograd.grad([first], [x])[0].ToSingle());
    }

    [Fact]
    public void Detached_tensors_share_memory_and_stop_gradients()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);
        var detached = x.detach();
        Assert.False(detached.requires_grad);
        detached.fill_(5);
        Assert.Equal(5, x[0].ToSingle());
        Assert.True(x.is_leaf);
        Assert.False((x + 1).is_leaf);
    }

    [Fact]
    public void A_kept_grad_of_an_inner_tensor()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);
        var y = x * 3;
        y.retain_grad();
        y.square().sum().backward();
        Assert.Equal([6f, 6f], y.grad!.data<float>().ToArray());
    }
}
