using static TorchSharp.torch;

namespace DataSsl.Runtime;

/// <summary>
/// The BatchNorm statistics of one architecture: the plain average over calibration batches (US-Nets), not the running one of training, which would
/// mix architectures.
/// </summary>
public sealed class NormStatistics(Device device) : IDisposable
{
    private readonly Dictionary<string, (Tensor Mean, Tensor Variance)> entries = [];
    private int batch;

    /// <summary>Whether forward passes add to the statistics; otherwise they use them.</summary>
    public bool Gathering { get; private set; }

    /// <summary>The weight of the present batch in the average: 1/k for the k-th.</summary>
    internal double Momentum => 1.0 / Math.Max(batch, 1);

    /// <summary>Mean and variance by BatchNorm key, each [C].</summary>
    public IReadOnlyDictionary<string, (Tensor Mean, Tensor Variance)> Entries => entries;

    /// <summary>Gathers over the batches: each is run once by <paramref name="forward"/>, in order.</summary>
    public void Gather(IEnumerable<Tensor> batches, Action<Tensor> forward)
    {
        using var grad = no_grad();
        Gathering = true;
        foreach (var images in batches)
        {
            batch++;
            forward(images);
        }
        Gathering = false;
        if (batch == 0) throw new InvalidOperationException("calibration needs at least one batch");
    }

    internal (Tensor Mean, Tensor Variance) Of(string key, int channels)
    {
        if (entries.TryGetValue(key, out var entry)) return entry;
        if (!Gathering) throw new InvalidOperationException($"no BatchNorm statistics for {key}: the architecture was not calibrated");
        entry = (zeros(channels, ScalarType.Float32, device).DetachFromDisposeScope(), ones(channels, ScalarType.Float32, device).DetachFromDisposeScope());
        entries.Add(key, entry);
        return entry;
    }

    public void Dispose()
    {
        foreach (var (mean, variance) in entries.Values)
        {
            mean.Dispose();
            variance.Dispose();
        }
    }
}
