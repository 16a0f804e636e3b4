using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>A backbone with a feature pyramid on it.</summary>
/// <remarks>Keys are those of torchvision's BackboneWithFPN.</remarks>
internal sealed class PyramidNetwork : Part
{
    private readonly Backbone body;
    private readonly FeaturePyramid fpn;
    private readonly int first;

    /// <param name="first">The finest level, 2 or 3.</param>
    public PyramidNetwork(Backbone backbone, int first, long width, PyramidTop top, long seed) : base(nameof(PyramidNetwork))
    {
        (body, this.first) = (backbone, first);
        fpn = new([.. backbone.Channels.Skip(first - 2)], width, top, seed);
        RegisterComponents();
    }

    /// <summary>P2 or P3 up to the top: images [N, 3, H, W] -> [N, width, H', W'] each. They are the caller's.</summary>
    public Tensor[] Maps(Tensor images)
    {
        using var scope = NewDisposeScope();
        var maps = fpn.Maps(body.Maps(images)[(first - 2)..]);
        foreach (var map in maps) map.MoveToOuterDisposeScope();
        return maps;
    }
}
