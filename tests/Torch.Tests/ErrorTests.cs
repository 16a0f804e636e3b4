using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

public class ErrorTests
{
    [Fact]
    public void Errors_name_the_operator_and_keep_one_line_of_libtorch()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.StartsWith("matmul: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("2x3", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_grad_of_another_shape_is_refused()
    {
        using var x = ones([2], requires_grad: true);
        var error = Assert.Throws<ExternalException>(() => x.grad = ones(3));
        Assert.StartsWith("grad: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_with_the_wrong_type_is_refused()
    {
        using var x = ones(2);
        Assert.Throws<ArgumentException>(() => x.data<double>());
        Assert.Throws<ArgumentException>(() => x.item<float>());
    }

    [Fact]
    public void The_calling_thread_gets_its_own_error()
    {
        Parallel.For(1, 50, k =>
        {
            using var scope = NewDisposeScope();
            var error = Assert.Throws<ExternalException>(() => ones(k).reshape(k + 1));
            Assert.Contains($"[{k + 1}]", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void An_unknown_device_is_named() =>
        Assert.Contains("toaster", Assert.Throws<ArgumentException>(() => device("toaster")).Message, StringComparison.Ordinal);
}
