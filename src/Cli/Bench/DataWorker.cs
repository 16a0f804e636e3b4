using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Cli.Bench;

/// <summary>Our side of the data benchmark: one process that makes a batch of views when asked, like its peers.</summary>
internal static class DataWorker
{
    /// <summary>
    /// Answers each line of image indices on the input with the seconds of decoding them and making two views of each; after an empty line, with the
    /// peak resident bytes. No decoded image is kept from one line to the next, and none is shrunk, as in the peers.
    /// </summary>
    public static int Run(ImageSource source, int size, int threads)
    {
        var store = ImageStore.Load(source, new() { Canvas = int.MaxValue, MemoryBudget = 0, Workers = threads });
        if (store.UnreadableCount > 0)
            throw new UserException($"{source.Root}: {store.UnreadableCount} of {source.Count} images do not decode; bench data needs files that all contestants read");
        var plan = ViewPlan.MoCoV2(size);
        var step = 0;
        ViewBatch? batch = null;
        Console.WriteLine("ready");
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var indices = line.Split(' ').Select(index => int.Parse(index, CultureInfo.InvariantCulture)).ToArray();
            var start = Stopwatch.GetTimestamp();
            batch = ViewMaker.MakeBatch(store, indices, plan, seed: 0, step++, CPU, room: batch);
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        }
        Console.WriteLine(ProcessMemory.PeakBytes());
        return 0;
    }
}
