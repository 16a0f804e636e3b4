using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>A supernet that holds one architecture alone.</summary>
public static class FixedSupernet
{
    /// <summary>
    /// Declares in an empty store what one architecture runs, and nothing else: its shapes are those of the slices that a forward pass
    /// takes.
    /// </summary>
    public static Supernet Create(SearchSpace space, ParameterStore store, Architecture architecture)
    {
        var net = space.CreateSupernet(store);
        store.Restrict(Shapes(space, architecture));
        return net;
    }

    private static Dictionary<string, long[]> Shapes(SearchSpace space, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var whole = new ParameterStore();
        var net = space.CreateSupernet(whole);
        whole.Allocate(CPU, ScalarType.Float32, trainable: false);
        // Two images: the smallest ones come down to one position, and BatchNorm needs two values.
        net.LastMap(zeros(2, space.InputChannels, space.Reduction, space.Reduction), architecture);
        return whole.Slots.Select(slot => (slot.Key, Shape: slot.SliceShape())).Where(slot => slot.Shape is not null)
            .ToDictionary(slot => slot.Key, slot => slot.Shape!);
    }
}
