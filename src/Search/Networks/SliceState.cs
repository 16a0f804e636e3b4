using DataSsl.Generator.Plan;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Networks;

/// <summary>
/// The state dict of a slice: what the plan says its active blocks hold, with the architecture's own BatchNorm statistics.
/// </summary>
internal static class SliceState
{
    /// <summary>Views of the supernet's weights under the keys of the fixed class.</summary>
    public static IEnumerable<(string Key, Tensor Tensor)> Of(
        Supernet net, NetworkPlan plan, Architecture architecture, NormStatistics statistics)
    {
        var slots = net.Weights.Slots.ToDictionary(s => s.Key);
        foreach (var entry in Entries(plan, architecture))
            yield return (entry.Key, entry.Tensor.Role == TensorRole.Statistic
                ? Statistic(entry.Tensor.Name, statistics.Entries[entry.Layer])
                : slots[entry.Slot].SliceOf(entry.Shape));
    }

    /// <summary>What there is of an architecture's parameters, without statistics.</summary>
    public static IEnumerable<SliceEntry> Parameters(NetworkPlan plan, Architecture architecture) =>
        Entries(plan, architecture).Where(entry => entry.Tensor.Role != TensorRole.Statistic);

    private static IEnumerable<SliceEntry> Entries(NetworkPlan plan, Architecture architecture)
    {
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        foreach (var placed in plan.ActiveBlocks(choices))
        {
            foreach (var layer in placed.Block.Layers)
            {
                // Blocks of a shared container move up where others before them are left out.
                var (source, key) = (NetworkPlan.KeyOf(placed.SupernetKey, layer), NetworkPlan.KeyOf(placed.Key, layer));
                foreach (var tensor in StateTensor.Of(placed.Block, layer))
                    yield return new(tensor, tensor.KeyIn(key), source, [.. tensor.Shape.Select(side => side.At(choices))]);
            }
        }
    }

    private static Tensor Statistic(string name, (Tensor Mean, Tensor Variance) of) => name switch
    {
        "running_mean" => of.Mean,
        "running_var" => of.Variance,
        _ => tensor(1L),
    };
}

/// <summary>One tensor of a slice.</summary>
/// <param name="Key">In the state dict of the fixed class.</param>
/// <param name="Layer">Its layer's key in the supernet.</param>
/// <param name="Shape">At the architecture's choices.</param>
internal sealed record SliceEntry(StateTensor Tensor, string Key, string Layer, long[] Shape)
{
    /// <summary>The key of the supernet's parameter that it is a slice of.</summary>
    public string Slot => Tensor.KeyIn(Layer);
}
