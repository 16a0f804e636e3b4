using System.Globalization;
using System.Text.Json;
using DataSsl.Bench;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Peers;

/// <summary>
/// MoCo v2's two views by OpenCV from C#, the peer of <c>bench data</c>: <c>data SIZE THREADS BATCH</c>. A line is a JSON list of files;
/// the work is decoding each and making two views of it on a thread of its own, straight into the batch.
/// </summary>
internal static class DataPeer
{
    public static int Run(string[] words)
    {
        var (size, threads, batch) = (Number(words[0]), Number(words[1]), Number(words[2]));
        set_num_threads(threads);
        // The images are dealt to the threads; within one OpenCV is to start none.
        Cv2.SetNumThreads(1);
        var views = new[] { empty(batch, 3, size, size), empty(batch, 3, size, size) };
        var step = 0;
        return WorkLoop.Run(line =>
        {
            var files = JsonSerializer.Deserialize<string[]>(line)!;
            return () => Make(files, views, threads, seed: step++);
        });

        static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
    }

    /// <summary>Two views of each file: [N, 3, S, S], normalised as ImageNet's are.</summary>
    public static unsafe void Make(IReadOnlyList<string> files, Tensor[] views, int threads, int seed)
    {
        var (size, length) = ((int)views[0].shape[3], views[0].numel() / views[0].shape[0]);
        fixed (byte* first = views[0].bytes, second = views[1].bytes)
        {
            var places = new[] { (nint)first, (nint)second };
            Parallel.For(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
            {
                using var image = Cv2.ImRead(files[i], ImreadModes.Color);
                if (image.Empty()) throw new InvalidDataException($"{files[i]}: OpenCV does not read it");
                var recipe = new MoCoView(size, new Random(HashCode.Combine(seed, i)));
                foreach (var place in places) recipe.Write(image, place + (nint)(4 * i * length));
            });
        }
    }
}
