using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Step;

/// <summary>
/// BatchNorm by the batch's statistics over as many channels as arrive; in the released style one set of running statistics serves all
/// subnets.
/// </summary>
internal sealed class DynamicBatchNorm2d : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor? running_mean;
    private readonly Tensor? running_var;
    private readonly Tensor? num_batches_tracked;

    public DynamicBatchNorm2d(Style style, int channels, Device device) : base(nameof(DynamicBatchNorm2d))
    {
        weight = new(ones(channels, device: device));
        bias = new(zeros(channels, device: device));
        if (style.TracksStatistics)
        {
            running_mean = zeros(channels, device: device);
            running_var = ones(channels, device: device);
            num_batches_tracked = zeros([], ScalarType.Int64, device);
        }
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var c = x.shape[1];
        num_batches_tracked?.add_(1);
        var (mean, variance) = running_mean is null ? (null, null) : (Leading.Of(running_mean, 0, c), Leading.Of(running_var!, 0, c));
        return functional.batch_norm(x, mean, variance, Leading.Of(weight, 0, c), Leading.Of(bias, 0, c), training: true)
            .MoveToOuterDisposeScope();
    }
}
