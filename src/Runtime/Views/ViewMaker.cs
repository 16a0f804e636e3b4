using DataSsl.Runtime.Data;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Makes augmented views of a batch on the training device. <see cref="ViewDraw"/> says what a view is; on the CPU it is made image by
/// image, on an accelerator in batches, to the same values.
/// </summary>
public static class ViewMaker
{
    /// <summary>
    /// One view of each image at <paramref name="indices"/>. Of images that memory does not hold few are decoded at once, each forgotten
    /// when its view is made.
    /// </summary>
    /// <inheritdoc cref="Make(ImageBatch, ViewRecipe, ulong, long, int, Device)"/>
    public static Tensor Make(
        ImageStore store, ReadOnlySpan<int> indices, ViewRecipe recipe, ulong seed, long step, int viewIndex, Device device)
    {
        var own = recipe.For(store.Pixels);
        own.Check();
        var chosen = indices.ToArray();
        if (device.type == DeviceType.CPU)
            return RenderOnHost(chosen.Length, own, (i, target) =>
            {
                using var decoded = store.Get(chosen[i]);
                HostView.Render(decoded.Image, Draw(decoded.Image, chosen[i]), own, target);
            });
        using var scope = NewDisposeScope();
        var views = chosen.Chunk(AtOnce).Select(some => Make(store.Get(some), recipe, seed, step, viewIndex, device)).ToArray();
        // A concatenation of one would lose nothing but time.
        return scope.MoveToOuter(views.Length == 1 ? views[0] : MemoryFormat.ChannelsLast(cat(views)));

        ViewDraw Draw(Image image, int index) => ViewDraw.For(own, image.Width, image.Height, seed, step, index, viewIndex);
    }

    /// <summary>Images that are decoded for an accelerator at once.</summary>
    private const int AtOnce = 32;

    /// <summary>
    /// One view of each image of a batch. What is drawn for an image depends on (seed, step, viewIndex) and its index in the store alone;
    /// on a CPU so does every bit of the view, whatever the rest of the batch.
    /// </summary>
    /// <returns>[N, C, S, S] float32, normalised, with channels-last strides; it takes no gradient.</returns>
    /// <exception cref="UserException">The recipe is out of bounds.</exception>
    public static Tensor Make(ImageBatch batch, ViewRecipe recipe, ulong seed, long step, int viewIndex, Device device) =>
        MakeOwn(batch, recipe.For(batch.Pixels), seed, step, viewIndex, device);

    /// <summary>The same by a recipe for the batch's pixels.</summary>
    private static Tensor MakeOwn(ImageBatch batch, ViewRecipe recipe, ulong seed, long step, int viewIndex, Device device)
    {
        recipe.Check();
        var draws = new ViewDraw[batch.Count];
        for (var i = 0; i < draws.Length; i++)
            draws[i] = ViewDraw.For(recipe, batch.Images[i].Width, batch.Images[i].Height, seed, step, batch.Indices[i], viewIndex);
        return Render(batch, draws, recipe, device);
    }

    /// <summary>
    /// All views of each image at <paramref name="indices"/> that a plan asks for: view v is what
    /// <see cref="Make(ImageStore, ReadOnlySpan{int}, ViewRecipe, ulong, long, int, Device)"/> gives for it, but on the CPU an image that
    /// memory does not hold is decoded, viewed as often as it must and forgotten while it is in the cache.
    /// </summary>
    /// <param name="store">The images.</param>
    /// <param name="indices">Which of them.</param>
    /// <param name="plan">The views.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="step">Training step.</param>
    /// <param name="device">Where the views are to be.</param>
    /// <param name="room">On the CPU, an earlier result to overwrite where it has the right shapes; it is disposed otherwise.</param>
    /// <param name="cancellation">Ends the work early.</param>
    /// <param name="keys">The teacher's images where they are others, as many; <paramref name="indices"/> are then those of the student
    /// alone.</param>
    /// <exception cref="UserException">A recipe is out of bounds, or a file no longer decodes.</exception>
    public static ViewBatch MakeBatch(
        ImageStore store, int[] indices, ViewPlan plan, ulong seed, long step, Device device, ViewBatch? room = null,
        CancellationToken cancellation = default,
        int[]? keys = null)
    {
        plan.Check();
        plan = plan.For(store.Pixels);
        if (keys is null || keys.AsSpan().SequenceEqual(indices)) keys = indices;
        if (keys.Length != indices.Length)
            throw new ArgumentException($"{keys.Length} images for the teacher, {indices.Length} for the student", nameof(keys));
        var parts = ViewPart.Of(plan, dealt: keys != indices);
        var sources = Array.ConvertAll(parts, part => part.Images(indices, keys));
        if (device.type == DeviceType.CPU && room?.Fits(plan, parts, indices.Length) == true)
            return Fill(room, store, sources, plan, seed, step, cancellation);
        room?.Dispose();
        return device.type == DeviceType.CPU
            ? Fill(ViewBatch.Allocate(plan, parts, indices.Length), store, sources, plan, seed, step, cancellation)
            : MakeParts(parts, store, sources, plan, seed, step, device, cancellation);
    }

    /// <summary>
    /// The batch one view after another, as <see cref="Make(ImageBatch, ViewRecipe, ulong, long, int, Device)"/> makes them.
    /// </summary>
    internal static ViewBatch MakeParts(
        ViewPart[] parts, ImageStore store, int[][] sources, ViewPlan plan, ulong seed, long step, Device device,
        CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var tensors = new Tensor[parts.Length];
        ImageBatch? images = null;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == 0 || sources[i] != sources[i - 1]) images = store.Get(sources[i]);
            cancellation.ThrowIfCancellationRequested();
            tensors[i] = MakeOwn(images!, plan.Views[parts[i].View].Recipe, seed, step, parts[i].View, device);
        }
        return new(plan, parts, Array.ConvertAll(tensors, tensor => tensor.DetachFromDisposeScope()));
    }

    /// <summary>The batch one image after another, in room that is there.</summary>
    private static ViewBatch Fill(
        ViewBatch batch, ImageStore store, int[][] sources, ViewPlan plan, ulong seed, long step, CancellationToken cancellation)
    {
        try
        {
            var starts = batch.Tensors.Select(Address).ToArray();
            Workers.For(sources[0].Length, store.Workers, i =>
            {
                // All parts of one image, then those of the next: a student's and a teacher's may be others.
                for (var part = 0; part < starts.Length;)
                {
                    var index = sources[part][i];
                    using var decoded = store.Get(index);
                    for (; part < starts.Length && sources[part][i] == index; part++)
                    {
                        var view = batch.Parts[part].View;
                        var recipe = plan.Views[view].Recipe;
                        var draw = ViewDraw.For(recipe, decoded.Image.Width, decoded.Image.Height, seed, step, index, view);
                        var length = recipe.Mean.Count * recipe.Size * recipe.Size;
                        HostView.Render(decoded.Image, draw, recipe, Floats(starts[part], i, length));
                    }
                }
            }, cancellation);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Where the values of [N, C, S, S] in channels-last order begin; native memory, which does not move.</summary>
    private static unsafe nint Address(Tensor views)
    {
        using var scope = NewDisposeScope();
        // Of the first item alone: a span of all bytes ends at 2 GiB.
        fixed (byte* bytes = views.permute(0, 2, 3, 1).narrow(0, 0, 1).bytes) return (nint)bytes;
    }

    private static unsafe Span<float> Floats(nint start, int item, int length) => new((float*)start + (long)item * length, length);

    /// <summary>The views that the draws describe: one by one where the CPU makes them, in batches on an accelerator.</summary>
    internal static Tensor Render(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe, Device device) =>
        device.type == DeviceType.CPU ? RenderOnHost(batch, draws, recipe) : RenderInBatches(batch, draws, recipe, device);

    /// <summary>On the CPU, image by image.</summary>
    internal static Tensor RenderOnHost(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe) =>
        RenderOnHost(batch.Count, recipe, (i, target) => HostView.Render(batch.Images[i], draws[i], recipe, target));

    private static Tensor RenderOnHost(int count, ViewRecipe recipe, ViewWriter write)
    {
        using var scope = NewDisposeScope();
        var views = empty([count, recipe.Size, recipe.Size, recipe.Mean.Count], dtype: ScalarType.Float32).permute(0, 3, 1, 2);
        var length = recipe.Size * recipe.Size * recipe.Mean.Count;
        var start = Address(views);
        Workers.For(count, get_num_threads(), i => write(i, Floats(start, i, length)));
        return scope.MoveToOuter(views);
    }

    /// <summary>Writes view i: [S, S, C].</summary>
    private delegate void ViewWriter(int i, Span<float> target);

    /// <summary>As tensor operations on the device, the whole batch at once.</summary>
    internal static Tensor RenderInBatches(ImageBatch batch, ViewDraw[] draws, ViewRecipe recipe, Device device)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (count, size, channels) = (batch.Count, recipe.Size, recipe.Mean.Count);
        var cropped = CropResize.Make(batch, draws, size, recipe.Interpolation, device);
        var views = empty([count, size, size, channels], dtype: ScalarType.Float32, device: device);
        var length = Chunks.Length((long)channels * size * size, device);
        for (var start = 0; start < count; start += length)
        {
            using var inner = NewDisposeScope();
            var part = draws.AsSpan(start, Math.Min(length, count - start));
            var colours = cropped.narrow(0, start, part.Length);
            if (recipe.JitterChance > 0 && channels is (1 or 3)) ColorJitter.Apply(colours, part);
            if (channels == 3) Luma.Apply(colours, part);
            GaussianBlur.Apply(colours, part, recipe.BlurSigma.High);
            Solarize.Apply(colours, part);
            Normalize(colours, recipe);
            BandJitter.Apply(colours, part);
            views.narrow(0, start, part.Length).copy_(colours.permute(0, 1, 3, 2));
        }
        return scope.MoveToOuter(views.permute(0, 3, 1, 2));
    }

    private static void Normalize(Tensor views, ViewRecipe recipe)
    {
        views.sub_(PerChannel(recipe.Mean.ToSingle())).mul_(PerChannel(recipe.Std.Inverse()));

        Tensor PerChannel(float[] values) => Staging.Of(values, [values.Length, 1], views.device);
    }
}
