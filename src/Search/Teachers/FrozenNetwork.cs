using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Search.Start;
using static TorchSharp.torch;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Search.Teachers;

/// <summary>
/// An architecture of a space as a foreign teacher, with weights that are given, in 32 bits. Where they come without BatchNorm's statistics
/// these are taken of the run's images.
/// </summary>
public sealed class FrozenNetwork : ForeignTeacher
{
    private readonly ParameterStore store = new();
    private readonly Supernet net;
    private readonly Device device;

    /// <param name="given">The weights; they may go afterwards.</param>
    /// <param name="architecture">What of them is the teacher: what they are of, or of a supernet a slice.</param>
    /// <param name="size">Side in pixels of the images that it takes.</param>
    /// <param name="device">Where it computes.</param>
    public FrozenNetwork(GivenNetwork given, Architecture architecture, int size, Device device) : base(size)
    {
        (Architecture, this.device) = (architecture, device);
        using var grad = no_grad();
        using var start = new GivenStart(given, seed: 0, sorted: false);
        try
        {
            net = FixedSupernet.Create(architecture.Space, store, architecture);
            store.Allocate(device, ScalarType.Float32, trainable: false);
            start.CopyTo(store);
            using var statistics = start.StatisticsOf(architecture);
            if (statistics is not null)
                net.Statistics = NormStatistics.Of(
                    statistics.Entries.Select(entry => (entry.Key, On(entry.Value.Mean), On(entry.Value.Variance))));
        }
        catch
        {
            store.Dispose();
            throw;
        }

        Tensor On(Tensor values) => values.to(device, copy: true);
    }

    /// <summary>What it is.</summary>
    public Architecture Architecture { get; }

    /// <inheritdoc/>
    public override int Dimension => Architecture.EmbeddingChannels;

    /// <inheritdoc/>
    public override int MapSide => (Size + Architecture.Space.Reduction - 1) / Architecture.Space.Reduction;

    /// <inheritdoc/>
    public override long? Macs => Architecture.Space.Macs(Architecture, Size);

    /// <inheritdoc/>
    public override void Prepare(IEnumerable<Tensor> batches) => net.Statistics ??= net.Calibrate(Architecture, batches);

    /// <inheritdoc/>
    public override (Tensor Embedding, Tensor? Map) Run(Tensor images)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var last = net.LastMap(images.to(device), Architecture);
        return (Supernet.Pool(last).MoveToOuterDisposeScope(),
            Tokens.Map(last).to(ScalarType.Float32).contiguous().MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        net.Statistics?.Dispose();
        store.Dispose();
    }
}
