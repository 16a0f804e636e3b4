using System.Globalization;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Cli.Demo;

/// <summary>Uses an emitted class as its owner would: a few lines of C# over the TorchSharp API, compiled with the class and run.</summary>
internal static class DemoConsumer
{
    private const int Images = 64;

    /// <summary>
    /// Writes the consumer beside the class, compiles both, and prints how often an image's nearest neighbour is of its own class.
    /// </summary>
    /// <param name="winner">Source of the class, with the weights beside it.</param>
    /// <param name="data">Labelled images.</param>
    /// <param name="size">Side of the class's images in pixels.</param>
    public static void Run(string winner, string data, int size)
    {
        var (path, name) = (Path.Combine(Path.GetDirectoryName(winner)!, "Consumer.cs"), Path.GetFileNameWithoutExtension(winner));
        AtomicFile.WriteText(path, Source(name));
        var assembly = InMemoryCompiler.Compile("DemoConsumer", [.. FixedNetwork.SourcesOf(winner), File.ReadAllText(path)]);
        var folder = ImageFolder.Open(data).Sample(Images, seed: 1);
        var (images, _) = Jobs.Shared.Images.Batch(folder, Images, size, seed: 1, PixelRule.ImageNet, CPU);
        var nearest = (long[])assembly.GetType("DataSsl.Models.Consumer")!.GetMethod("NearestNeighbours")!.Invoke(
            null, [Path.ChangeExtension(winner, ".safetensors"), images])!;
        images.Dispose();
        var same = nearest.Where((neighbour, i) => folder.Labels![i] == folder.Labels[neighbour]).Count();
        Output.Line(
            $"\na consumer of {name}, the few lines of {path}: the nearest neighbour is of the same class for {same} of {nearest.Length} images ({folder.ClassNames.Count} classes)");
    }

    private static string Source(string className) => string.Format(CultureInfo.InvariantCulture, """
        using TorchSharp;
        using static TorchSharp.torch;

        namespace DataSsl.Models;

        /// <summary>Finds look-alikes with {0}: all that it takes to use an emitted network.</summary>
        public static class Consumer
        {{
            /// <summary>The nearest other image of each, by cosine: images [N, 3, H, W] -> N indices.</summary>
            public static long[] NearestNeighbours(string weights, Tensor images)
            {{
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                using var net = new {0}().load_safetensors(weights);
                net.eval();
                var z = nn.functional.normalize(net.call(images), dim: 1);
                var similarity = z.mm(z.t()) - 2 * eye(z.shape[0]);
                return similarity.argmax(1).data<long>().ToArray();
            }}
        }}

        """, className);
}
