using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Search.Costs;

/// <summary>What whole networks take to run, each in the class for inference that <c>emit</c> writes (32 bits, BatchNorm folded).</summary>
public static class WholeNetworks
{
    /// <summary>
    /// Seconds for one image on a device, and bytes of the weights. The networks take turns, so that ratios of their times are of one
    /// moment.
    /// </summary>
    /// <param name="of">Architectures, and the side in pixels of the images of each.</param>
    /// <param name="device">Where.</param>
    public static IReadOnlyList<(double Seconds, long WeightBytes)> Measure(
        IReadOnlyList<(Architecture Architecture, int Size)> of, Device device)
    {
        var networks = new List<TimedClass>();
        try
        {
            foreach (var (architecture, size) in of) networks.Add(new(architecture, size, device));
            var seconds = Timing.Seconds([.. networks.Select(network => network.Whole())]);
            return [.. networks.Zip(seconds, (network, time) => (time, network.WeightBytes))];
        }
        finally
        {
            foreach (var network in networks) network.Dispose();
        }
    }
}
