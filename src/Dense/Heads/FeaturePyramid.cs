using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>What a pyramid has above its last map.</summary>
public enum PyramidTop
{
    /// <summary>P6, every second position of P5: anchors of the largest size lie on it (Lin et al. 2017, section 4.1).</summary>
    Pool,

    /// <summary>
    /// P6 and P7, by strided convolutions of P5 (Lin et al. 2017, RetinaNet, section 4; Tian et al. 2019, FCOS, section 3.2).
    /// </summary>
    Convolutions,
}

/// <summary>
/// Maps of one width at all scales, the coarser added to the finer (Lin et al. 2017, Feature Pyramid Networks, section 3).
/// </summary>
/// <remarks>Keys are those of torchvision's FeaturePyramidNetwork.</remarks>
public sealed class FeaturePyramid : Part
{
    private readonly ModuleList<Sequential> inner_blocks, layer_blocks;
    private readonly TopConvolutions? extra_blocks;

    /// <param name="channels">Of the maps, the largest map first.</param>
    /// <param name="width">Channels of the pyramid.</param>
    /// <param name="top">What comes above the last map.</param>
    /// <param name="seed">Of the first weights.</param>
    public FeaturePyramid(IReadOnlyList<long> channels, long width, PyramidTop top, long seed) : base(nameof(FeaturePyramid))
    {
        using var initial = new Initial(seed, "feature pyramid");
        inner_blocks = ModuleList(channels.Select(from => Sequential(("0", initial.KaimingIn(Conv2d(from, width, 1))))).ToArray());
        layer_blocks = ModuleList(
            channels.Select(_ => Sequential(("0", initial.KaimingIn(Conv2d(width, width, 3, padding: 1))))).ToArray());
        if (top == PyramidTop.Convolutions) extra_blocks = new(width, initial);
        RegisterComponents();
    }

    /// <summary>Each [N, C, H, W] -> [N, width, H, W], and those of the top. They are the caller's.</summary>
    public Tensor[] Maps(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        var pyramid = new Tensor[maps.Count];
        Tensor? above = null;
        for (var i = maps.Count - 1; i >= 0; i--)
        {
            var lateral = inner_blocks[i].call(maps[i]);
            above = above is null
                ? lateral
                : lateral + functional.interpolate(above, size: lateral.shape[2..], mode: InterpolationMode.Nearest);
            pyramid[i] = layer_blocks[i].call(above);
        }
        Tensor[] all = [.. pyramid, .. extra_blocks is null ? [functional.max_pool2d(pyramid[^1], 1, 2)] : extra_blocks.Maps(pyramid[^1])];
        foreach (var map in all) map.MoveToOuterDisposeScope();
        return all;
    }

    private sealed class TopConvolutions : Part
    {
        private readonly Conv2d p6, p7;

        public TopConvolutions(long width, Initial initial) : base(nameof(TopConvolutions))
        {
            (p6, p7) = (initial.KaimingIn(Conv2d(width, width, 3, stride: 2, padding: 1)),
                initial.KaimingIn(Conv2d(width, width, 3, stride: 2, padding: 1)));
            RegisterComponents();
        }

        public Tensor[] Maps(Tensor p5)
        {
            using var scope = NewDisposeScope();
            var first = p6.call(p5);
            return [first.MoveToOuterDisposeScope(), p7.call(first.relu()).MoveToOuterDisposeScope()];
        }
    }
}
