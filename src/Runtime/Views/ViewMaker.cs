using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views.Host;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Makes augmented views of a batch on the training device. <see cref="ViewDraw"/> says what a view is; on the CPU it is made image by image, on an
/// accelerator in batches, to the same values.
/// </summary>
public static class ViewMaker
{
    [ThreadStatic]
    private static PixelBuffer? pixelsOfThread;

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

    /// <summary>
    /// Views 0 and 1 of each image at <paramref name="indices"/>: what two calls of <see cref="Make(ImageStore, ReadOnlySpan{int}, ViewRecipe, ulong, long, int, Device)"/>
    /// give, but on the CPU an image that memory does not hold is decoded, viewed twice and forgotten while it is in the cache.
    /// </summary>
    /// <param name="store">The images.</param>
    /// <param name="indices">Which of them.</param>
    /// <param name="recipe">How a view is made.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="step">Training step.</param>
    /// <param name="device">Where the views are to be.</param>
    /// <param name="room">On the CPU, an earlier result to overwrite where it has the right shape; it is disposed otherwise.</param>
    /// <param name="cancellation">Ends the work early.</param>
    /// <param name="keys">The images of view 1 where they are others, as many; <paramref name="indices"/> are then those of view 0 alone.</param>
    /// <returns>Outside any dispose scope.</returns>
    public static ViewPair MakePair(
        ImageStore store, int[] indices, ViewRecipe recipe, ulong seed, long step, Device device, ViewPair? room = null, CancellationToken cancellation = default,
        int[]? keys = null)
    {
        recipe.Check();
        if (keys is not null && keys.Length != indices.Length) throw new ArgumentException($"{keys.Length} images of view 1 for {indices.Length} of view 0", nameof(keys));
        if (device.type == DeviceType.CPU) return FillPair(store, indices, keys ?? indices, recipe, seed, step, room, cancellation);
        room?.Dispose();
        var batch = store.Get(indices);
        cancellation.ThrowIfCancellationRequested();
        return new(View(batch, 0), View(keys is null || keys.AsSpan().SequenceEqual(indices) ? batch : store.Get(keys), 1));

        Tensor View(ImageBatch images, int view) => Make(images, recipe, seed, step, view, device).DetachFromDisposeScope();
    }

    private static unsafe ViewPair FillPair(
        ImageStore store, int[] indices, int[] keyIndices, ViewRecipe recipe, ulong seed, long step, ViewPair? room, CancellationToken cancellation)
    {
        if (room is not null && !room.Queries.shape.AsSpan().SequenceEqual([indices.Length, 3, recipe.Size, recipe.Size]))
        {
            room.Dispose();
            room = null;
        }
        var pair = room ?? ViewPair.Allocate(indices.Length, recipe.Size);
        var length = 3 * recipe.Size * recipe.Size;
        try
        {
            using var scope = NewDisposeScope();
            fixed (byte* queries = pair.Queries.permute(0, 2, 3, 1).bytes, keys = pair.Keys.permute(0, 2, 3, 1).bytes)
            {
                nint[] starts = [(nint)queries, (nint)keys];
                int[][] sources = [indices, keyIndices];
                Workers.For(indices.Length, store.Workers, i =>
                {
                    var image = store.Get(indices[i], pixelsOfThread ??= new());
                    for (var view = 0; view < starts.Length; view++)
                    {
                        if (view > 0 && keyIndices[i] != indices[i]) image = store.Get(keyIndices[i], pixelsOfThread);
                        var draw = ViewDraw.For(recipe, image.Width, image.Height, seed, step, sources[view][i], view);
                        HostView.Render(image, draw, recipe, new((float*)starts[view] + (long)i * length, length));
                    }
                }, cancellation);
            }
            return pair;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    /// <summary>The views that the draws describe: one by one where the CPU makes them, in batches on an accelerator.</summary>
    internal static Tensor Render(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe, Device device) =>
        device.type == DeviceType.CPU ? RenderOnHost(batch, draws, recipe) : RenderInBatches(batch, draws, recipe, device);

    /// <summary>On the CPU, image by image.</summary>
    internal static unsafe Tensor RenderOnHost(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe)
    {
        using var scope = NewDisposeScope();
        var views = empty([batch.Count, recipe.Size, recipe.Size, 3], dtype: ScalarType.Float32);
        var length = recipe.Size * recipe.Size * 3;
        fixed (byte* bytes = views.bytes)
        {
            var start = (nint)bytes;
            Workers.For(batch.Count, get_num_threads(), i => HostView.Render(batch.Images[i], draws[i], recipe, new((float*)start + (long)i * length, length)));
        }
        return scope.MoveToOuter(views.permute(0, 3, 1, 2));
    }

    /// <summary>As tensor operations on the device, the whole batch at once.</summary>
    internal static Tensor RenderInBatches(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe, Device device)
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
