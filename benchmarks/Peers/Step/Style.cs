using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>How a supernet is written.</summary>
/// <param name="ChannelsLast">Whether maps and kernels lie with their channels innermost.</param>
/// <param name="Compute">The type of maps and kernels.</param>
/// <param name="TracksStatistics">Whether BatchNorm keeps running statistics, which nothing of a step or of a score reads.</param>
internal sealed record Style(bool ChannelsLast, ScalarType Compute, bool TracksStatistics)
{
    /// <summary>As GAIA-ssl was published.</summary>
    public static Style Released { get; } = new(ChannelsLast: false, ScalarType.Float32, TracksStatistics: true);

    /// <summary>Without wasted work.</summary>
    public static Style Best(ScalarType compute) => new(ChannelsLast: true, compute, TracksStatistics: false);

    /// <summary>[N, C, H, W] as the networks of this style take it.</summary>
    public Tensor Lay(Tensor images)
    {
        using var scope = NewDisposeScope();
        return (ChannelsLast ? images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : images.contiguous()).MoveToOuterDisposeScope();
    }
}
