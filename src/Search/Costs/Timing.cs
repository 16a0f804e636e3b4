using System.Diagnostics;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Costs;

/// <summary>
/// Times networks and their blocks as they are used: the class for inference that <c>emit</c> writes, one image at a time, in 32 bits.
/// </summary>
internal static class Timing
{
    private const int Rounds = 7;
    private const int FewestPasses = 3;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(10);

    /// <summary>A network whose time does not depend on its weights, which are random.</summary>
    public static nn.Module<Tensor, Tensor> Network(Architecture architecture, int size, Device device) =>
        (nn.Module<Tensor, Tensor>)FixedNetwork.Untrained(architecture, size, folded: true, ScalarType.Float32).to(device);

    /// <summary>
    /// Seconds of a pass of each network for one input of a shape: the median over rounds of the median within a round. They take turns
    /// round by round, so that what else the machine does for a while is not taken for the slowness of one of them.
    /// </summary>
    public static double[] Seconds(IReadOnlyList<(nn.Module<Tensor, Tensor> Network, long[] Input)> of, Device device)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var inputs = of.Select(o => rand(o.Input, device: device)).ToList();
        var medians = of.Select(_ => new List<double>()).ToList();
        // The first round loads kernels and fills caches.
        for (var round = 0; round <= Rounds; round++)
            for (var i = 0; i < of.Count; i++)
            {
                var median = OfOneRound(of[i].Network, inputs[i], device);
                if (round > 0) medians[i].Add(median);
            }
        return [.. medians.Select(Median)];
    }

    private static double OfOneRound(nn.Module<Tensor, Tensor> network, Tensor x, Device device)
    {
        var seconds = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); seconds.Count < FewestPasses || Stopwatch.GetElapsedTime(start) < Round;)
        {
            var pass = Stopwatch.GetTimestamp();
            network.call(x).Dispose();
            if (device.type == DeviceType.CUDA) cuda.synchronize(device);
            seconds.Add(Stopwatch.GetElapsedTime(pass).TotalSeconds);
        }
        return Median(seconds);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
