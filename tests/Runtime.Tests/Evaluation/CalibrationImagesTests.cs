using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Tests;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

/// <summary>
/// BatchNorm's statistics are those of all the images, however many there are to a batch. Each image is brighter than the one before, so
/// that a rest that counts for too much, or too little, shows.
/// </summary>
[Collection(SingleThread.Name)]
public sealed class CalibrationImagesTests : IDisposable
{
    private const int Size = 16;
    private const int Most = 257;
    private readonly TemporaryFolder folder = new();
    private readonly ImageStore store;

    public CalibrationImagesTests()
    {
        for (var i = 0; i < Most; i++)
        {
            var darker = Array.ConvertAll(Pictures.Waves(Size, Size, i).Rgb.ToArray(), value => (byte)(value / 2 + i * 127 / Most));
            folder.Write($"{i:000}.png", Pictures.Encoded(new Image(Size, Size, darker)));
        }
        store = ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = Size, Workers = 1 });
    }

    public void Dispose() => folder.Dispose();

    public static TheoryData<int> Counts => [2, 127, 128, 129, 255, Most];

    /// <summary>
    /// The first layer's inputs know of no batch: its statistics are one pass's over all. Those of the deeper ones differ by what
    /// normalising by a batch of 65 or more does before them.
    /// </summary>
    [Theory, MemberData(nameof(Counts))]
    public void Of_a_slice(int count)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = TinyModel.Create(TinyModel.Method);
        var (net, architecture, images) = (model.Networks.Student, Tiny.Space.Max, Images(count));
        using var cut = net.Calibrate(architecture, images.CalibrationBatches(count));
        using var whole = net.Calibrate(architecture, [All(images, count)]);
        var first = true;
        foreach (var (key, (mean, variance)) in whole.Entries)
        {
            Close.To(mean, cut.Entries[key].Mean, first ? 1e-5 : 0.05, $"mean of {key}");
            Close.To(variance, cut.Entries[key].Variance, first ? 1e-5 : 0.05, $"variance of {key}");
            first = false;
        }
    }

    /// <summary>The one BatchNorm of a network, on maps of one pixel: a batch of one image alone would have no variance.</summary>
    [Theory, MemberData(nameof(Counts))]
    public void Of_a_network_that_was_fine_tuned(int count)
    {
        using var scope = NewDisposeScope();
        var (convolution, norm) = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4));
        using var network = nn.Sequential(convolution, nn.AdaptiveAvgPool2d(1), norm, nn.Flatten());
        var all = Enumerable.Range(0, count).ToArray();
        using var tuned = FineTuning.Run(
            network, store, all, Array.ConvertAll(all, i => i % 2), 2, Size, new(Epochs: 1, Batch: 2, Rate: 0, HeadRate: 0), seed: 1, CPU,
            calibrationImages: count);
        using var grad = no_grad();
        var given = convolution.call(All(Images(count), count)).mean([2L, 3]).to(ScalarType.Float64);
        Close.To(given.mean([0L]).to(ScalarType.Float32), norm.running_mean!, 1e-5, "mean");
        Close.To(given.var(0, unbiased: true).to(ScalarType.Float32), norm.running_var!, 1e-5, "variance");
    }

    /// <summary>Batches as they are asked for; where there are fewer images, as even as they may be.</summary>
    [Theory]
    [InlineData("200", 200, new[] { 100, 100 })]
    [InlineData("5x32", 160, new[] { 32, 32, 32, 32, 32 })]
    [InlineData("1x250", 250, new[] { 250 })]
    [InlineData("5x1024", 5120, new[] { 257 })]
    public void Batches_are_as_large_as_asked_for(string text, int count, int[] batches)
    {
        Assert.True(CalibrationDraw.TryRead(text, out var draw));
        Assert.Equal((count, text), (draw.Count, draw.ToString()));
        var sizes = Images(Most).CalibrationBatches(draw).Select(batch => (int)batch.shape[0]).ToArray();
        Assert.Equal(batches, sizes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("5x")]
    [InlineData("x5")]
    [InlineData("0x5")]
    [InlineData("5x1024x2")]
    [InlineData("100000x100000")]
    [InlineData("5 x 1024")]
    public void What_is_no_number_of_images_is_refused(string text) => Assert.False(CalibrationDraw.TryRead(text, out _));

    /// <summary>Layers after the first normalise by the batch at hand: in one batch of all images, as in one pass.</summary>
    [Fact]
    public void One_batch_of_all_images_has_the_statistics_of_one_pass()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = TinyModel.Create(TinyModel.Method);
        var (net, architecture, images) = (model.Networks.Student, Tiny.Space.Max, Images(200));
        using var whole = net.Calibrate(architecture, [All(images, 200)]);
        using var one = net.Calibrate(architecture, images.CalibrationBatches(new(200, 200)));
        using var cut = net.Calibrate(architecture, images.CalibrationBatches(new(200, 20)));
        var last = whole.Entries.Keys.Last();
        foreach (var (key, (mean, variance)) in whole.Entries)
        {
            Close.To(mean, one.Entries[key].Mean, 1e-5, $"mean of {key}");
            Close.To(variance, one.Entries[key].Variance, 1e-5, $"variance of {key}");
        }
        Assert.True(Close.Norm(whole.Entries[last].Mean - cut.Entries[last].Mean) > 1e-3 * Close.Norm(whole.Entries[last].Mean));
    }

    [Fact]
    public void One_value_a_channel_has_no_variance()
    {
        using var network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(4), nn.Flatten());
        var message = Assert.Throws<UserException>(
            () => FineTuning.Run(network, store, [0], [0], 2, Size, new(Epochs: 1, Batch: 1, Rate: 0, HeadRate: 0), seed: 1, CPU)).Message;
        Assert.Contains("two images", message, StringComparison.Ordinal);
    }

    private EvaluationImages Images(int count) => new(store, Size, CPU, [.. Enumerable.Range(0, count)]);

    private static Tensor All(EvaluationImages images, int count) =>
        cat([.. images.CalibrationBatches(count).Select(batch => batch.clone())], 0);
}
