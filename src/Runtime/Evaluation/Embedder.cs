using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>Turns a store of images into embeddings with one architecture of a supernet, BatchNorm calibrated on a fixed draw of the images.</summary>
public sealed class Embedder(Supernet net, Architecture architecture, int size, Device device)
{
    private const int Batch = 128;

    /// <summary>Images that BatchNorm is calibrated on, in four batches.</summary>
    public int CalibrationImages { get; init; } = 512;

    /// <summary>Unit embeddings of every image: [N, C].</summary>
    public Tensor Embed(ImageStore images, ImageStore? calibration = null)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        using var statistics = net.Calibrate(architecture, CalibrationBatches(calibration ?? images));
        var previous = net.Statistics;
        net.Statistics = statistics;
        try
        {
            var parts = Enumerable.Range(0, images.Count).Chunk(Batch).Select(indices => Unit(images, indices)).ToList();
            return cat(parts, dim: 0).MoveToOuterDisposeScope();
        }
        finally
        {
            net.Statistics = previous;
        }
    }

    private Tensor Unit(ImageStore images, int[] indices)
    {
        using var scope = NewDisposeScope();
        return nn.functional.normalize(net.Embed(Whole(images, indices), architecture), dim: 1).MoveToOuterDisposeScope();
    }

    private IEnumerable<Tensor> CalibrationBatches(ImageStore images)
    {
        var order = Enumerable.Range(0, images.Count).ToArray();
        var random = CounterRandom.For(0, "calibration");
        random.Shuffle(order.AsSpan());
        foreach (var indices in order.Take(CalibrationImages).Chunk(Batch))
        {
            using var view = Whole(images, indices);
            yield return view;
        }
    }

    private Tensor Whole(ImageStore images, int[] indices) => ViewMaker.Make(images, indices, ViewRecipe.CenterCrop(size), 0, 0, 0, device);
}
