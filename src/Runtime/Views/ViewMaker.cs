using DataSsl.Runtime.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>Makes augmented views of a batch on the training device; decoding is the only work done image by image.</summary>
public static class ViewMaker
{
    /// <summary>One view of each image at <paramref name="indices"/>.</summary>
    /// <inheritdoc cref="Make(ImageBatch, ViewRecipe, ulong, long, int, Device)"/>
    public static Tensor Make(
        ImageStore store, ReadOnlySpan<int> indices, ViewRecipe recipe, ulong seed, long step, int viewIndex, Device device) =>
        Make(store.Get(indices), recipe, seed, step, viewIndex, device);

    /// <summary>
    /// One view of each image of a batch. What is drawn for an image depends on (seed, step, viewIndex) and its index in the store alone; on a CPU
    /// so does every bit of the view, whatever the rest of the batch.
    /// </summary>
    /// <returns>[N, 3, S, S] float32, normalised, with channels-last strides; it takes no gradient.</returns>
    /// <exception cref="UserException">The recipe is out of bounds.</exception>
    public static Tensor Make(ImageBatch batch, ViewRecipe recipe, ulong seed, long step, int viewIndex, Device device)
    {
        recipe.Check();
        var draws = new ViewDraw[batch.Count];
        for (var i = 0; i < draws.Length; i++)
            draws[i] = ViewDraw.For(recipe, batch.Images[i].Width, batch.Images[i].Height, seed, step, batch.Indices[i], viewIndex);
        return Render(batch, draws, recipe, device);
    }

    /// <summary>The views that the draws describe.</summary>
    internal static Tensor Render(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe, Device device)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (count, size) = (batch.Count, recipe.Size);
        var cropped = CropResize.Make(batch, draws, size, device);
        var views = empty([count, size, size, 3], dtype: ScalarType.Float32, device: device);
        var length = Chunks.Length(3L * size * size, device);
        for (var start = 0; start < count; start += length)
        {
            using var inner = NewDisposeScope();
            var part = draws.AsSpan(start, Math.Min(length, count - start));
            var colours = cropped.narrow(0, start, part.Length);
            if (recipe.JitterChance > 0) ColorJitter.Apply(colours, part);
            Luma.Apply(colours, part);
            GaussianBlur.Apply(colours, part, recipe.BlurSigma.High);
            Solarize.Apply(colours, part);
            Normalize(colours, recipe);
            views.narrow(0, start, part.Length).copy_(colours.permute(0, 1, 3, 2));
        }
        return scope.MoveToOuter(views.permute(0, 3, 1, 2));
    }

    private static void Normalize(Tensor views, ViewRecipe recipe)
    {
        var (mean, std) = (recipe.Mean, recipe.Std);
        views.sub_(PerChannel(mean.Red, mean.Green, mean.Blue)).mul_(PerChannel(1 / std.Red, 1 / std.Green, 1 / std.Blue));

        Tensor PerChannel(double red, double green, double blue) =>
            tensor(new[] { (float)red, (float)green, (float)blue }, [3, 1], device: views.device);
    }
}
