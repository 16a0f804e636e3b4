using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>Images as evaluation shows them to a network: centre crops, nothing random.</summary>
/// <param name="store">The images.</param>
/// <param name="size">Side of the crops in pixels.</param>
/// <param name="device">Where the network is.</param>
/// <param name="indices">Which of the images, in which order; null for all in theirs.</param>
public sealed class EvaluationImages(ImageStore store, int size, Device device, int[]? indices = null)
{
    private const int Batch = 128;
    private readonly int[] indices = indices ?? [.. Enumerable.Range(0, store.Count)];

    /// <summary>How many images are shown.</summary>
    public int Count => indices.Length;

    /// <summary>A network's outputs for all images: [N, C], where the network gives [B, C] for [B, 3, S, S].</summary>
    public Tensor Features(Func<Tensor, Tensor> network, Action<int>? progress = null)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (parts, done) = (new List<Tensor>(), 0);
        foreach (var images in Views(indices, Batch))
        {
            using var inner = NewDisposeScope();
            parts.Add(network(images).MoveToOuterDisposeScope());
            progress?.Invoke(done += (int)images.shape[0]);
        }
        return cat(parts, dim: 0).MoveToOuterDisposeScope();
    }

    /// <summary>A fixed draw of the images for BatchNorm's statistics, in batches [B, 3, S, S] that end with the iteration.</summary>
    public IEnumerable<Tensor> CalibrationBatches(CalibrationDraw draw)
    {
        var order = indices.ToArray();
        var random = CounterRandom.For(0, "calibration");
        random.Shuffle(order.AsSpan());
        return Views([.. order.Take(draw.Count)], draw.Batch);
    }

    /// <summary>
    /// As few batches as there may be, as even as they may be: BatchNorm that is being calibrated normalises by the batch at hand, for
    /// which a rest of a few images is too few.
    /// </summary>
    private IEnumerable<Tensor> Views(int[] chosen, int most)
    {
        var batches = (int)(((long)chosen.Length + most - 1) / most);
        for (var batch = 0; batch < batches; batch++)
        {
            var some = chosen[(int)((long)chosen.Length * batch / batches)..(int)((long)chosen.Length * (batch + 1) / batches)];
            using var views = ViewMaker.Make(store, some, ViewRecipe.CenterCrop(size), 0, 0, 0, device);
            yield return views;
        }
    }
}
