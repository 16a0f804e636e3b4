using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// Turns a store of images into embeddings with one architecture of a supernet, BatchNorm calibrated on a fixed draw of the images.
/// </summary>
public sealed class Embedder(Supernet net, Architecture architecture, int size, Device device)
{
    /// <summary>Images that BatchNorm is calibrated on.</summary>
    public CalibrationDraw CalibrationImages { get; init; } = CalibrationDraw.Default;

    /// <summary>Unit embeddings of images: [N, C].</summary>
    /// <param name="images">The images.</param>
    /// <param name="calibration">Those that BatchNorm is calibrated on; null for the same.</param>
    /// <param name="indices">Which of the images, in which order; null for all in theirs.</param>
    public Tensor Embed(ImageStore images, ImageStore? calibration = null, int[]? indices = null)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        using var statistics = net.Calibrate(
            architecture, new EvaluationImages(calibration ?? images, size, device).CalibrationBatches(CalibrationImages));
        var previous = net.Statistics;
        net.Statistics = statistics;
        try
        {
            return nn.functional.normalize(
                    new EvaluationImages(images, size, device, indices).Features(x => net.Embed(x, architecture)), dim: 1)
                .MoveToOuterDisposeScope();
        }
        finally
        {
            net.Statistics = previous;
        }
    }
}
