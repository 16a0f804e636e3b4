using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Views;
using TorchSharp;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>Batches without files, and views as plain numbers.</summary>
internal static class ViewFixtures
{
    /// <summary>Leaves values in [0, 1].</summary>
    public static ViewRecipe Plain(int size) => new() { Size = size, Mean = new(0, 0, 0), Std = new(1, 1, 1) };

    public static ImageBatch Batch(params (int Width, int Height)[] sizes)
    {
        var images = sizes.Select((size, i) => Pictures.Waves(size.Width, size.Height, i));
        return new([.. Enumerable.Range(0, sizes.Length)], [.. images]);
    }

    public static ImageBatch Select(ImageBatch batch, params int[] positions) =>
        new(Array.ConvertAll(positions, i => batch.Indices[i]), Array.ConvertAll(positions, i => batch.Images[i]));

    /// <summary>[N, 3, S, S] in that order.</summary>
    public static float[] Values(torch.Tensor views) => views.contiguous().data<float>().ToArray();

    /// <summary>Asserts what both executors make of the draws.</summary>
    public static void AssertViews(float[] wanted, ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe, double tolerance)
    {
        AssertClose(wanted, Values(ViewMaker.RenderOnHost(batch, draws, recipe)), tolerance);
        AssertClose(wanted, Values(ViewMaker.RenderInBatches(batch, draws, recipe, torch.CPU)), tolerance);
    }

    public static void AssertClose(float[] wanted, float[] actual, double tolerance)
    {
        Assert.Equal(wanted.Length, actual.Length);
        var worst = wanted.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance, $"differs by {worst}, more than {tolerance}");
    }
}
