using DataSsl.Generator.Plan;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;
using TorchSharp;
using static TorchSharp.torch;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Search.Start;

/// <summary>
/// A supernet that starts as a given network: the network's architecture is a leading slice, what lies beyond is silent, and narrower
/// slices keep what matters.
/// </summary>
public sealed class GivenStart : IDisposable
{
    private readonly ParameterStore store = new();
    private readonly GivenNetwork given;
    private readonly Placing placing;

    /// <summary>Makes the whole supernet on the CPU, in 32 bits. The network must live as long.</summary>
    /// <param name="given">The network.</param>
    /// <param name="seed">Of the weights that lie beyond it.</param>
    /// <param name="sorted">
    /// Whether channels are brought into the order of their importance. Sums over channels are then rounded in another order: the network's
    /// slice is the original but for the last digits. Unsorted it is the original to the bit.
    /// </param>
    public GivenStart(GivenNetwork given, long seed, bool sorted)
    {
        this.given = given;
        try
        {
            var space = given.Architecture.Space;
            Net = space.CreateSupernet(store);
            store.Allocate(CPU, ScalarType.Float32, trainable: false);
            store.Initialize(seed);
            var groups = new ChannelGroups(given.Plan);
            placing = new Placing(given, groups, sorted ? ChannelOrder.Of(given, groups) : null);
            placing.Into(store);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The supernet.</summary>
    public Supernet Net { get; }

    /// <summary>
    /// BatchNorm's statistics that came with the network, as an architecture has them: those of the network itself where it has its
    /// channels. The caller's; null where none came.
    /// </summary>
    public NormStatistics? StatisticsOf(Architecture architecture) =>
        given.HasStatistics ? placing.Statistics(architecture.Choices.ToArray().ToEquatableArray()) : null;

    /// <summary>
    /// The start of a supernet, or of one architecture of it: sorted where a slice leaves out channels of a network that has not been
    /// sliced yet.
    /// </summary>
    /// <param name="given">The network.</param>
    /// <param name="only">The one architecture that is wanted; null for all.</param>
    /// <param name="seed">Of the weights that lie beyond it.</param>
    public static GivenStart For(GivenNetwork given, Architecture? only, long seed) => new(
        given, seed, !given.IsSupernet
            && (only is null
                || Enumerable.Range(0, only.Choices.Length)
                    .Any(axis => only[axis] < given.Architecture[axis] && only.Space.Axes[axis].Kind is not ("depth" or "kernel"))));

    /// <summary>
    /// Copies the weights into a store of the same space, or of one architecture of it; what that has besides, such as heads, stays as it
    /// is.
    /// </summary>
    public void CopyTo(ParameterStore target)
    {
        target.MustNotBeFrozen();
        using var grad = no_grad();
        var own = target.Slots.ToDictionary(slot => slot.Key);
        foreach (var slot in store.Slots)
        {
            using var scope = NewDisposeScope();
            if (own.TryGetValue(slot.Key, out var to)) to.Full().copy_(slot.SliceOf(to.Shape));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();
}
