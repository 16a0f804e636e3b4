using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Plans;
using static TorchSharp.torch;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Search.Networks;

/// <summary>
/// A file with one network's parameters and nothing else, under the names that its emitted class gives them: what is kept of a run when its
/// optimizer, teacher, heads and queue go. Statistics of BatchNorm are not in it: whoever measures the network takes those of his images.
/// </summary>
public sealed class NetworkWeights : IDisposable
{
    private const string SpaceKey = "space", ArchitectureKey = "architecture";
    private readonly ParameterStore store;

    private NetworkWeights(ParameterStore store, Supernet net) => (this.store, Net) = (store, net);

    /// <summary>A supernet that holds the one architecture.</summary>
    public Supernet Net { get; }

    /// <summary>Writes a slice of a supernet; whole or not at all.</summary>
    /// <param name="facts">What else the file says of itself.</param>
    public static void Write(string path, Supernet net, Architecture architecture, IReadOnlyDictionary<string, string> facts)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var slots = net.Weights.Slots.ToDictionary(slot => slot.Key);
        SafeTensors.Write(
            path,
            Entries(architecture).Select(entry => (entry.Key, slots[entry.Slot].SliceOf(entry.Shape).to(CPU).contiguous())),
            new Dictionary<string, string>(facts)
            {
                [SpaceKey] = Named(architecture.Space),
                [ArchitectureKey] = architecture.ToString(),
            });
    }

    /// <summary>Reads what <see cref="Write"/> wrote; the caller disposes it.</summary>
    /// <exception cref="UserException">The file is missing, damaged, or of another network.</exception>
    public static NetworkWeights Read(string path, Architecture architecture, Device device)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        var (space, text) = (metadata.GetValueOrDefault(SpaceKey), metadata.GetValueOrDefault(ArchitectureKey));
        if (space != Named(architecture.Space) || text != architecture.ToString())
            throw new UserException(
                $"{path}: the weights of {text ?? "no architecture"} of {space ?? "no space"}, not of {architecture} of {Named(architecture.Space)}");
        var store = new ParameterStore();
        try
        {
            var net = FixedSupernet.Create(architecture.Space, store, architecture);
            store.Allocate(device, ScalarType.Float32, trainable: false);
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var slots = store.Slots.ToDictionary(slot => slot.Key);
            SafeTensors.ReadInto(path, Entries(architecture).ToDictionary(entry => entry.Key, entry => slots[entry.Slot].Full()));
            return new(store, net);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static IEnumerable<SliceEntry> Entries(Architecture architecture) =>
        SliceState.Parameters(SpacePlan.Of(architecture.Space), architecture);

    private static string Named(SearchSpace space) => $"{space.Name} {space.Hash}";

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();
}
