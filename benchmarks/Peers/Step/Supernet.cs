using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Step;

/// <summary>
/// Backbone and MoCo v2 neck at the largest architecture; <see cref="Set"/> chooses a subnet. Made of one architecture and left so, it is a
/// static network, in which nothing is sliced.
/// </summary>
internal sealed class Supernet : Module<Tensor, Tensor>
{
    private readonly bool lowResolution;
    private readonly DynamicConv2d conv1;
    private readonly DynamicBatchNorm2d bn1;
    private readonly ModuleList<ModuleList<Bottleneck>> stages = [];
    private readonly Linear fc1;
    private readonly Linear fc2;
    private int[] depths;

    public Supernet(
        Style style, Architecture largest, bool lowResolution, int[] strides, Device device, int hidden = 2048, int dimension = 128)
        : base(nameof(Supernet))
    {
        (this.lowResolution, depths) = (lowResolution, largest.Depths);
        (conv1, bn1) = (new(style, 3, largest.Stem, lowResolution ? 3 : 7, lowResolution ? 1 : 2, device),
            new(style, largest.Stem, device));
        var channels = largest.Stem;
        for (var i = 0; i < largest.Widths.Length; i++)
        {
            var stage = new ModuleList<Bottleneck>();
            for (var j = 0; j < largest.Depths[i]; j++)
            {
                stage.append(new Bottleneck(style, channels, largest.Widths[i], j == 0 ? strides[i] : 1, project: j == 0, device));
                channels = Bottleneck.Expansion * largest.Widths[i];
            }
            stages.append(stage);
        }
        (fc1, fc2) = (Linear(channels, Math.Min(hidden, channels), device: device),
            Linear(Math.Min(hidden, channels), dimension, device: device));
        RegisterComponents();
    }

    public void Set(Architecture architecture)
    {
        (conv1.Outputs, depths) = (architecture.Stem, architecture.Depths);
        for (var i = 0; i < stages.Count; i++)
            foreach (var block in stages[i]) block.SetWidth(architecture.Widths[i]);
    }

    /// <summary>Images [N, 3, S, S] -> unit vectors [N, D], in 32 bits.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = bn1.call(conv1.call(x)).relu_();
        if (!lowResolution) x = functional.max_pool2d(x, 3, 2, 1);
        for (var i = 0; i < stages.Count; i++)
            foreach (var block in stages[i].Take(depths[i])) x = block.call(x);
        x = x.mean([2, 3], type: ScalarType.Float32);
        x = functional.linear(x, Leading.Of(fc1.weight, 1, x.shape[1]), fc1.bias).relu_();
        return functional.normalize(fc2.call(x), dim: 1).MoveToOuterDisposeScope();
    }
}
