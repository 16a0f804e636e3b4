using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Norms;

/// <summary>With the statistics of several processes' batches of equal size, as if they were one.</summary>
/// <remarks>
/// Made of plain operations and of two sums over the processes, forward and backward each: as exact as the batch norm of one process, which
/// also takes the mean first, but slower and with larger temporaries. Runs of speed deal whole groups instead and never come here.
/// </remarks>
internal sealed class SynchronisedNorm(ProcessGroup processes) : Norm
{
    /// <summary>[N, C, H, W] or [N, C] of every process -> the same, normalised; scale and shift [C], or none.</summary>
    public static new Tensor Normalise(Tensor x, Tensor? scale, Tensor? shift, ProcessGroup processes)
    {
        using var scope = NewDisposeScope();
        long[] others = x.dim() == 4 ? [0, 2, 3] : [0];
        var wide = x.to(ScalarType.Float32);
        var centred = wide - Mean(wide);
        var factor = (Mean(centred.square()) + Epsilon).rsqrt();
        if (scale is not null) factor = factor * PerChannel(scale);
        var result = centred * factor;
        return (shift is null ? result : result + PerChannel(shift)).to(x.dtype).MoveToOuterDisposeScope();

        Tensor Mean(Tensor values) => processes.Sum(values.mean(others, keepdim: true)) / processes.Size;

        Tensor PerChannel(Tensor values) => x.dim() == 4 ? values.view(1, -1, 1, 1) : values;
    }

    protected override Tensor Normalise(string key, Tensor x, Tensor scale, Tensor shift) => Normalise(x, scale, shift, processes);
}
