using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Evaluation;
using DataSsl.Search.Networks;
using DataSsl.Search.Start;
using DataSsl.Spaces;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests;

/// <summary>
/// Real weights, not trained on: how much of what the whole network says of the painted pictures a narrower slice still says.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SortedSliceTests(TrainedRun run, ITestOutputHelper output)
{
    private const int Size = 64;

    [Theory]
    [InlineData("ThreeQuarters")]
    [InlineData("Half")]
    public void A_slice_of_sorted_channels_says_more_of_what_the_whole_network_says(string narrower)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var store = Images.Load(Runtime.Data.ImageSource.Open(run.LabelledSets().Train), Size, Runtime.Data.PixelRule.ImageNet);
        var images = new EvaluationImages(store, Size, CPU);
        using var given = GivenNetwork.Read(ImageNetResNet18.Name, AroundResNet18.Space);
        var (before, after) = (Kept(false), Kept(true));
        output.WriteLine($"{narrower}: {before:0.000} unsorted, {after:0.000} sorted");
        Assert.True(after > 1.4 * before, $"{narrower}: sorted {after:0.000}, unsorted {before:0.000}");

        // The correlation of the slice's channels with the same channels of the whole, over images.
        float Kept(bool sorted)
        {
            using var start = new GivenStart(given, seed: 1, sorted);
            var (part, whole) = (Features(start, narrower), Features(start, "ImageNet"));
            return nn.functional.cosine_similarity(part.flatten(), whole.narrow(1, 0, part.shape[1]).flatten(), dim: 0).item<float>();
        }

        Tensor Features(GivenStart start, string name)
        {
            var architecture = AroundResNet18.Space.Parse(name);
            using var statistics = start.Net.Calibrate(architecture, images.CalibrationBatches(100));
            using var network = FixedNetwork.Of(start.Net, architecture, statistics, CPU);
            var features = images.Features(network.call);
            return features - features.mean([0L], keepdim: true);
        }
    }
}
