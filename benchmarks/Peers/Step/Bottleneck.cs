using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Step;

/// <summary>ResNet's bottleneck of any width up to its own.</summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>
{
    public const int Expansion = 4;

    private readonly DynamicConv2d conv1;
    private readonly DynamicConv2d conv2;
    private readonly DynamicConv2d conv3;
    private readonly DynamicBatchNorm2d bn1;
    private readonly DynamicBatchNorm2d bn2;
    private readonly DynamicBatchNorm2d bn3;
    private readonly DynamicConv2d? downsample_conv;
    private readonly DynamicBatchNorm2d? downsample_bn;

    public Bottleneck(Style style, int channels, int width, int stride, bool project, Device device) : base(nameof(Bottleneck))
    {
        var outputs = Expansion * width;
        (conv1, bn1) = (new(style, channels, width, 1, 1, device), new(style, width, device));
        (conv2, bn2) = (new(style, width, width, 3, stride, device), new(style, width, device));
        (conv3, bn3) = (new(style, width, outputs, 1, 1, device), new(style, outputs, device));
        if (project) (downsample_conv, downsample_bn) = (new(style, channels, outputs, 1, stride, device), new(style, outputs, device));
        RegisterComponents();
    }

    public void SetWidth(int width)
    {
        conv1.Outputs = conv2.Outputs = width;
        conv3.Outputs = Expansion * width;
        if (downsample_conv is not null) downsample_conv.Outputs = Expansion * width;
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = bn1.call(conv1.call(x)).relu_();
        y = bn2.call(conv2.call(y)).relu_();
        y = bn3.call(conv3.call(y));
        y.add_(downsample_conv is null ? x : downsample_bn!.call(downsample_conv.call(x)));
        return y.relu_().MoveToOuterDisposeScope();
    }
}
