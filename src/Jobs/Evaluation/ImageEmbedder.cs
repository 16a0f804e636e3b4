using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Evaluation;

/// <summary>A network that turns images into vectors, one way for all of them.</summary>
internal sealed class ImageEmbedder : IDisposable
{
    private readonly NetworkSource source;
    private readonly Device device;

    /// <param name="source">The network.</param>
    /// <param name="images">Those that BatchNorm's statistics are taken over, where it gathers them.</param>
    /// <param name="calibration">At most so many of them.</param>
    /// <param name="device">Where it runs.</param>
    public ImageEmbedder(NetworkSource source, ImageStore images, CalibrationDraw calibration, Device device)
    {
        (this.source, this.device) = (source, device);
        Network = source.Build(new(images, source.Size, device), calibration, device);
        BatchNorm = source.BatchNorm(Network, images.Count, calibration);
    }

    /// <summary>[N, C, S, S] -> [N, C], in evaluation mode.</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>In words, whose BatchNorm statistics it has.</summary>
    public string BatchNorm { get; }

    /// <summary>Images as the network sees them.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="indices">Which of them; null for all.</param>
    public EvaluationImages Shown(ImageStore store, int[]? indices = null) => new(store, source.Size, device, indices);

    /// <summary>Their vectors: [N, C].</summary>
    /// <inheritdoc cref="Shown"/>
    public Tensor Embed(ImageStore store, int[]? indices = null) => NetworkSource.Features(Network, Shown(store, indices));

    public void Dispose() => Network.Dispose();
}
