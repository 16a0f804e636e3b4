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
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        var slots = net.Weights.Slots.ToDictionary(s => s.Key);
        foreach (var placed in plan.ActiveBlocks(choices))
        {
            foreach (var layer in placed.Block.Layers)
            {
                // Blocks of a shared container move up where others before them are left out.
                var (source, key) = (NetworkPlan.KeyOf(placed.SupernetKey, layer), NetworkPlan.KeyOf(placed.Key, layer));
                foreach (var tensor in StateTensor.Of(placed.Block, layer))
                    yield return (tensor.KeyIn(key), tensor.Role == TensorRole.Statistic
                        ? Statistic(tensor.Name, statistics.Entries[source])
                        : slots[tensor.KeyIn(source)].SliceOf([.. tensor.Shape.Select(side => side.At(choices))]));
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
