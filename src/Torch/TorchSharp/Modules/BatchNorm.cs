using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class BatchNorm : NormBase
{
    public BatchNorm(
        long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
    {
    }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        var factor = momentum ?? 0;
        if (training && num_batches_tracked is { } batches)
        {
            batches.add_(1);
            // No momentum means the plain average over all batches so far.
            if (momentum is null)
                factor = 1.0 / batches.ToInt64();
        }
        // Without running statistics the batch's own serve in evaluation, too.
        var batchStatistics = training || running_mean is null || running_var is null;
        return nn.functional.batch_norm(input, running_mean!, running_var!, weight, bias, batchStatistics, factor, eps);
    }

    private protected static void Demand(Tensor input, params ReadOnlySpan<long> ranks)
    {
        var rank = input.dim();
        if (!ranks.Contains(rank))
            throw new ArgumentException($"expected {string.Join("D or ", ranks.ToArray())}D input, but got {rank}D input.");
    }
}
