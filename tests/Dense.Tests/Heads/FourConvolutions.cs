using DataSsl.Dense.Heads;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Tests.Heads;

/// <summary>The backbone of <c>detectors.py</c>: C2 to C5, each a convolution of the one before.</summary>
internal sealed class FourConvolutions : Backbone
{
    public static readonly long[] Widths = [8, 12, 16, 20];

    private readonly ModuleList<Conv2d> stages;

    public FourConvolutions() : base(nameof(FourConvolutions), Widths)
    {
        stages = ModuleList(
            Widths.Select((width, i) => Conv2d(i == 0 ? 3 : Widths[i - 1], width, 3, stride: i == 0 ? 4 : 2, padding: 1)).ToArray());
        RegisterComponents();
    }

    public override Tensor[] Maps(Tensor images)
    {
        using var scope = NewDisposeScope();
        var (maps, x) = (new Tensor[4], images);
        for (var i = 0; i < 4; i++) maps[i] = (x = stages[i].call(x).relu()).MoveToOuterDisposeScope();
        return maps;
    }

    public override Tensor C5(Tensor c4)
    {
        using var scope = NewDisposeScope();
        return stages[3].call(c4).relu().MoveToOuterDisposeScope();
    }
}
