using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Norms;

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
    private readonly Norm gathering, known;
    private Dictionary<string, NormMoments>? moments;

    /// <summary>None yet: they are to be gathered.</summary>
    public NormStatistics() => (gathering, known) = (new GatheringNorm(this), new KnownNorm(this));

    /// <summary>How a network normalises that has these.</summary>
    internal Norm Norm => moments is null ? known : gathering;

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

    /// <summary>Frees them.</summary>
    public void Dispose()
    {
        foreach (var (mean, variance) in entries.Values)
        {
            mean.Dispose();
            variance.Dispose();
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

    private sealed class GatheringNorm(NormStatistics statistics) : Norm
    {
        protected override Tensor Normalise(string key, Tensor x, Tensor scale, Tensor shift)
        {
            statistics.Add(key, x);
            return Normalise(x, scale, shift, processes: null);
        }
    }

    private sealed class KnownNorm(NormStatistics statistics) : Norm
    {
        protected override Tensor Normalise(string key, Tensor x, Tensor scale, Tensor shift)
        {
            var (mean, variance) = statistics.Of(key);
            return functional.batch_norm(x, mean, variance, scale, shift, training: false, momentum: 0, eps: Epsilon);
        }
    }
}
