using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Gpu.Tests;

/// <summary>The product's spaces with the same weights on both devices.</summary>
internal static class GpuNetworks
{
    public static TheoryData<string> Families => ["Demo", "BasicResNet", "MobileNets", "VisionTransformers"];

    public static SearchSpace Space(string name) => DataSsl.Spaces.CompiledSpaces.All.Single(space => space.Name == name);

    /// <summary>
    /// A student and a teacher, drawn on the CPU. Noise on every weight: a BatchNorm that starts at zero silences its block.
    /// </summary>
    public static NetworkPair Of(SearchSpace space, Device device)
    {
        var networks = new NetworkPair(space, new(new([64], 32)), hasTeacher: true, device, ScalarType.Float32, trainable: false);
        using var grad = no_grad();
        foreach (var (store, seed) in new[] { (networks.StudentWeights, 1L), (networks.TeacherWeights, 2L) })
        {
            store.Initialize(seed);
            using var generator = new TorchSharp.torch.Generator((ulong)seed + 10);
            foreach (var slot in store.Slots)
            {
                using var scope = NewDisposeScope();
                slot.Full().add_(randn(slot.Shape, generator: generator).mul_(0.02).to(device));
            }
        }
        return networks;
    }

    /// <summary>[N, 3, S, S] on the CPU.</summary>
    public static Tensor Images(int count, int size)
    {
        using var generator = new TorchSharp.torch.Generator(5);
        return randn([count, 3, size, size], generator: generator);
    }
}
