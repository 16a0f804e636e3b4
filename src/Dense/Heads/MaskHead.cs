using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>Four convolutions before the masks (He et al. 2017, Mask R-CNN, figure 4, right): [K, C, S, S] -> [K, width, S, S].</summary>
internal sealed class MaskHead : Module<Tensor, Tensor>
{
    private const int Depth = 4;

    public MaskHead(long channels, long width, Initial initial) : base(nameof(MaskHead))
    {
        for (var i = 0; i < Depth; i++)
            register_module(
                $"{i}", Sequential(("0", initial.KaimingOut(Conv2d(i == 0 ? channels : width, width, 3, padding: 1))), ("1", ReLU())));
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in children()) x = ((Sequential)layer).call(x);
        return x.MoveToOuterDisposeScope();
    }
}
