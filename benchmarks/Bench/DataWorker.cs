using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>Our side of the data benchmark.</summary>
internal static class DataWorker
{
    /// <summary>
    /// A line names images; the work is decoding them and making two views of each. No decoded image is kept from one line to the next, and
    /// none is shrunk, as in the peers.
    /// </summary>
    public static int Run(ImageSource source, int size, int threads)
    {
        var store = ImageStore.Load(
            source, new() { Canvas = int.MaxValue, MemoryBudget = 0, MaxPixels = Images.MaxPixels, Workers = threads });
        if (store.UnreadableCount > 0)
            throw new UserException(
                $"{source.Root}: {store.UnreadableCount} of {source.Count} images do not decode; bench data needs files that all contestants read");
        var plan = ViewPlan.MoCoV2(size);
        var step = 0;
        ViewBatch? batch = null;
        return WorkLoop.Run(line =>
        {
            var indices = line.Split(' ').Select(index => int.Parse(index, CultureInfo.InvariantCulture)).ToArray();
            return () => batch = ViewMaker.MakeBatch(store, indices, plan, seed: 0, step++, CPU, room: batch);
        });
    }
}
