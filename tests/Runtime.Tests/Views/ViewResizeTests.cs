using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Views;

public sealed class ViewResizeTests
{
    [Fact]
    public void Enlarging_is_bilinear_as_PyTorch_has_it()
    {
        using var scope = NewDisposeScope();
        var views = randn([2, 3, 12, 12], generator: new Generator(1));
        var expected = nn.functional.interpolate(views, size: [31, 31], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.InRange((ViewResize.To(views, 31) - expected).abs().max().item<float>(), 0, 1e-5f);
        Assert.Same(views, ViewResize.To(views, 12));
    }

    /// <summary>Twice the step: a triangle over four pixels, 1, 3, 3, 1 of eight.</summary>
    [Fact]
    public void Shrinking_is_antialiased()
    {
        using var scope = NewDisposeScope();
        var views = randn([1, 3, 16, 16], generator: new Generator(2));
        var weights = tensor(new[] { 1f, 3f, 3f, 1f }) / 8;
        var expected = (views.slice(2, 5, 9, 1).slice(3, 5, 9, 1) * weights.view(1, 1, 4, 1) * weights).sum([2L, 3L]);
        Assert.InRange(
            (ViewResize.To(views, 8).slice(2, 3, 4, 1).slice(3, 3, 4, 1).flatten(1) - expected).abs().max().item<float>(), 0, 1e-5f);
    }
}
