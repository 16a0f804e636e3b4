using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests;

/// <summary>Supernets with random weights that let every layer show in the output.</summary>
internal static class TestNetworks
{
    /// <summary>
    /// A student and a teacher that differ. BatchNorm is random too: a fresh one silences the last layer of every block, and with it most
    /// mistakes.
    /// </summary>
    public static NetworkPair Of(SearchSpace space, long seed = 1)
    {
        var networks = new NetworkPair(space, new(new([32], 16)), hasTeacher: true, CPU, ScalarType.Float32, trainable: false);
        networks.StudentWeights.Initialize(seed);
        networks.TeacherWeights.Initialize(seed + 1);
        using var grad = no_grad();
        foreach (var store in new[] { networks.StudentWeights, networks.TeacherWeights })
        {
            var random = CounterRandom.For((ulong)seed, "test networks", store == networks.StudentWeights ? 0 : 1);
            foreach (var slot in store.Slots.Where(s => s.Shape.Length == 1))
            {
                var isScale = slot.Key.EndsWith(".weight", StringComparison.Ordinal);
                using var values = Numbers((int)slot.Count, isScale ? 0.5 : -0.3, isScale ? 1.5 : 0.3, ref random);
                using var full = slot.Full();
                full.copy_(values);
            }
        }
        return networks;
    }

    /// <summary>Images [N, 3, S, S] with low and high frequencies, the same for the same seed.</summary>
    public static Tensor Images(int count, int size, ulong seed = 3)
    {
        using var scope = NewDisposeScope();
        var random = CounterRandom.For(seed, "test images");
        var coarse = Numbers(count * 3 * 16, -1, 1, ref random).reshape(count, 3, 4, 4);
        var fine = Numbers(count * 3 * size * size, -0.5, 0.5, ref random).reshape(count, 3, size, size);
        return (nn.functional.interpolate(coarse, [size, size], mode: InterpolationMode.Nearest) + fine).DetachFromDisposeScope();
    }

    private static Tensor Numbers(int count, double low, double high, ref CounterRandom random)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan()) value = (float)random.Between(low, high);
        return tensor(values);
    }
}
