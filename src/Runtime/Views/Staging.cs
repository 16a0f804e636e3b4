using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Takes what the host made to the training device. An accelerator reads page-locked memory by itself, in the order of its stream, so that
/// nobody waits; libtorch's host allocator keeps the pages until that is done.
/// </summary>
internal static class Staging
{
    /// <summary>A host tensor on the device; the host's own where that is the device.</summary>
    public static Tensor To(Tensor host, Device device)
    {
        if (device.type == DeviceType.CPU) return host;
        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>Values in a shape, float32.</summary>
    public static Tensor Of(float[] values, ReadOnlySpan<long> shape, Device device) => To(tensor(values, shape), device);

    /// <summary>Positions in a batch as an index tensor, [n] int64.</summary>
    public static Tensor Index(int[] members, Device device) => To(tensor(Array.ConvertAll(members, i => (long)i)), device);
}
