using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// The BatchNorm statistics of one architecture over calibration images (US-Nets, Yu and Huang 2019), not the running ones of training,
/// which would mix architectures. They are those of all values of all batches, so that a short last batch counts for as much as it holds.
/// </summary>
/// <remarks>
/// While they are gathered a layer normalises by the batch at hand, as in training: layers after the first see inputs that depend a little
/// on how the images were cut.
/// </remarks>
public sealed class NormStatistics : IDisposable
{
    private readonly Dictionary<string, (Tensor Mean, Tensor Variance)> entries = [];
    private Dictionary<string, NormMoments>? moments;

    /// <summary>
    /// Statistics that are known already, such as those that given weights come with: mean and variance by BatchNorm key, each [C]. They
    /// are this one's from here on.
    /// </summary>
    public static NormStatistics Of(IEnumerable<(string Key, Tensor Mean, Tensor Variance)> known)
    {
        var statistics = new NormStatistics();
        foreach (var (key, mean, variance) in known)
            statistics.entries.Add(key, (mean.DetachFromDisposeScope(), variance.DetachFromDisposeScope()));
        return statistics;
    }

    /// <summary>Whether forward passes add to the statistics; otherwise they use them.</summary>
    public bool Gathering => moments is not null;

    /// <summary>Mean and variance by BatchNorm key, each [C].</summary>
    public IReadOnlyDictionary<string, (Tensor Mean, Tensor Variance)> Entries => entries;

    /// <summary>Gathers over the batches: each is run once by <paramref name="forward"/>, in order.</summary>
    /// <exception cref="UserException">A layer saw one value a channel in all.</exception>
    public void Gather(IEnumerable<Tensor> batches, Action<Tensor> forward)
    {
        using var grad = no_grad();
        moments = [];
        try
        {
            var batch = 0;
            foreach (var images in batches)
            {
                batch++;
                forward(images);
            }
            if (batch == 0) throw new InvalidOperationException("calibration needs at least one batch");
            foreach (var (key, of) in moments) entries.Add(key, of.Result(key));
        }
        finally
        {
            foreach (var of in moments.Values) of.Dispose();
            moments = null;
        }
    }

    /// <summary>Adds what a BatchNorm is given, [N, C, H, W] or [N, C], while statistics are gathered.</summary>
    internal void Add(string key, Tensor x)
    {
        if (!moments!.TryGetValue(key, out var of)) moments.Add(key, of = new());
        of.Add(x);
    }

    internal (Tensor Mean, Tensor Variance) Of(string key) =>
        entries.TryGetValue(key, out var entry)
            ? entry
            : throw new InvalidOperationException($"no BatchNorm statistics for {key}: the architecture was not calibrated");

    public void Dispose()
    {
        foreach (var (mean, variance) in entries.Values)
        {
            mean.Dispose();
            variance.Dispose();
        }
    }
}
