using static TorchSharp.torch;

namespace DataSsl.Runtime.Norms;

/// <summary>
/// Mean and variance of every channel over all values of several batches, in 64 bits: the same however the images are cut into batches
/// (Chan, Golub and LeVeque 1979).
/// </summary>
internal sealed class NormMoments : IDisposable
{
    private long count;
    private Tensor? mean;
    private Tensor? squares;

    /// <summary>Adds a batch [N, C, H, W] or [N, C].</summary>
    public void Add(Tensor x)
    {
        using var scope = NewDisposeScope();
        var added = x.numel() / x.shape[1];
        var (variance, middle) = var_mean(x.to(ScalarType.Float32), x.dim() == 4 ? [0L, 2, 3] : [0L], unbiased: false);
        var (addedMean, addedSquares) = (middle.to(ScalarType.Float64), variance.to(ScalarType.Float64).mul_(added));
        if (mean is null || squares is null)
        {
            (mean, squares) = (addedMean.DetachFromDisposeScope(), addedSquares.DetachFromDisposeScope());
        }
        else
        {
            var (difference, all) = (addedMean - mean, (double)(count + added));
            mean.add_(difference * (added / all));
            squares.add_(addedSquares).add_(difference.square().mul_(count * (added / all)));
        }
        count += added;
    }

    /// <summary>Mean and unbiased variance, both [C] in 32 bits, as BatchNorm keeps them.</summary>
    /// <exception cref="UserException">A channel had one value in all, which has no variance.</exception>
    public (Tensor Mean, Tensor Variance) Result(string key)
    {
        if (count < 2)
            throw new UserException($"BatchNorm's statistics of {key} would rest on one value a channel: calibrate on two images or more");
        using var scope = NewDisposeScope();
        return (mean!.to(ScalarType.Float32).DetachFromDisposeScope(),
            (squares! / (count - 1)).to(ScalarType.Float32).DetachFromDisposeScope());
    }

    public void Dispose()
    {
        mean?.Dispose();
        squares?.Dispose();
    }
}
