using System.Diagnostics;
using System.Globalization;
using DataSsl.Bench;
using static TorchSharp.torch;

namespace DataSsl.Peers.Infer;

/// <summary>
/// The peers of <c>bench infer</c>, eager TorchSharp: <c>infer FORM NETWORK THREADS SIZE</c>, the form <c>plain</c>, <c>folded</c> or
/// <c>folded-bf16</c>. A line is a batch size, the work one forward pass. At a batch's first line both orders of the channels are tried,
/// and the faster one stays.
/// </summary>
internal static class InferPeer
{
    private const double SteadySeconds = 0.1;

    public static int Run(string[] words)
    {
        var (form, name, size) = (words[0], words[1], int.Parse(words[3], CultureInfo.InvariantCulture));
        set_num_threads(int.Parse(words[2], CultureInfo.InvariantCulture));
        using var grad = inference_mode();
        manual_seed(0);
        var style = new NetworkStyle(Folded: form != "plain", form == "folded-bf16" ? ScalarType.BFloat16 : ScalarType.Float32);
        var networks = new[] { false, true }.ToDictionary(channelsLast => channelsLast, channelsLast =>
        {
            var network = Network.Create(name, Random, style);
            network.Lay(channelsLast);
            return network;
        });
        var chosen = new Dictionary<int, (Network Network, Tensor Images)>();
        return WorkLoop.Run(line =>
        {
            var batch = int.Parse(line, CultureInfo.InvariantCulture);
            if (!chosen.TryGetValue(batch, out var run)) chosen.Add(batch, run = Faster(batch));
            return () => run.Network.Embed(run.Images).Dispose();
        }, SteadySeconds);

        (Network, Tensor) Faster(int batch) => networks.Select(entry =>
        {
            using var noise = randn(batch, 3, size, size).to(style.Compute);
            var images = entry.Key ? noise.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : noise.contiguous();
            return (Run: (entry.Value, images), Seconds: Seconds(() => entry.Value.Embed(images).Dispose()));
        }).MinBy(tried => tried.Seconds).Run;
    }

    private static Tensor Random(string name, long[] shape) => name.EndsWith("running_var", StringComparison.Ordinal) ? ones(shape)
        : name.EndsWith("running_mean", StringComparison.Ordinal) || shape.Length == 1 ? rand(shape) : randn(shape).mul_(0.05);

    /// <summary>The fastest of five passes after one that warms up.</summary>
    private static double Seconds(Action pass)
    {
        pass();
        return Enumerable.Range(0, 5).Min(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            pass();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }
}
