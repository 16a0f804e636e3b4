using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Search.Emit;
using static TorchSharp.torch;

namespace DataSsl.Cli.Bench;

/// <summary>Our side of the inference benchmark: one process that runs an emitted class when asked, like its peers.</summary>
internal static class InferWorker
{
    public const string Class = "class", Folded = "folded", FoldedBf16 = "foldedBf16";

    /// <summary>Answers each batch size on the input with the seconds of one forward pass; after an empty line, with the peak resident bytes.</summary>
    public static int Run(Architecture architecture, string form, int size)
    {
        var type = form == FoldedBf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using var grad = no_grad();
        using var network = FixedNetwork.Untrained(architecture, size, folded: form != Class, type);
        var images = new Dictionary<int, Tensor>();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var batch = int.Parse(line, CultureInfo.InvariantCulture);
            if (!images.TryGetValue(batch, out var x)) images.Add(batch, x = randn([batch, architecture.Space.InputChannels, size, size]).to(type));
            var start = Stopwatch.GetTimestamp();
            network.call(x).Dispose();
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        }
        Console.WriteLine(ProcessMemory.PeakBytes());
        return 0;
    }
}
