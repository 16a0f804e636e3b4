using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>
/// Two hidden layers on what is pooled of a proposal (Lin et al. 2017, Feature Pyramid Networks, section 4.2): [K, C, S, S] -> [K, width].
/// </summary>
internal sealed class TwoLayers : Module<Tensor, Tensor>
{
    private readonly Linear fc6, fc7;

    public TwoLayers(long inputs, long width, long seed) : base(nameof(TwoLayers))
    {
        using var initial = new Initial(seed, "box head");
        (fc6, fc7) = (initial.Uniform(Linear(inputs, width)), initial.Uniform(Linear(width, width)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc7.call(fc6.call(x.flatten(1)).relu()).relu().MoveToOuterDisposeScope();
    }
}
