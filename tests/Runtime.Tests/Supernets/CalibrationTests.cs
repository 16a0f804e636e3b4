using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Supernets;

/// <summary>BatchNorm statistics of one architecture against PyTorch's over all that its layers are given.</summary>
public sealed class CalibrationTests
{
    private static readonly long[] Counts = [4, 6, 3];

    private static readonly string[] architectures = ["Max", "Half", "stem=8 stage1=8x1 stage2=12x2"];

    public static TheoryData<string> Architectures => [.. architectures];

    [Theory, MemberData(nameof(Architectures))]
    public void Statistics_and_the_network_that_uses_them_equal_PyTorch(string text)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = TinyModel.Create(TinyModel.Method);
        var (net, architecture) = (model.Networks.Student, Tiny.Space.Parse(text));
        foreach (var slot in net.Weights.Slots) slot.Full().copy_(Seeded.Parameter($"calibration/{slot.Key}", slot.Shape));
        var batches = Counts.Select(
                (count, i) => Seeded.Uniform($"calibration/batch{i}", [count, 3, Tiny.Space.InputSize, Tiny.Space.InputSize], Math.Sqrt(3)))
            .ToList();
        using var recording = Recording.Of("calibration", architectures.Select(each => (each, (object)new
        {
            choices = Tiny.Space.Parse(each).Choices.ToArray(),
            batches = Counts,
            size = Tiny.Space.InputSize,
            student = net.Weights.Slots.ToDictionary(slot => slot.Key, slot => slot.Shape),
        })));

        using var statistics = net.Calibrate(architecture, batches);
        Assert.Null(net.Statistics);
        Assert.Equal(
            recording.Names.Count(k => k.StartsWith(text + "/", StringComparison.Ordinal) && k.EndsWith(".mean", StringComparison.Ordinal)),
            statistics.Entries.Count);
        foreach (var (key, (mean, variance)) in statistics.Entries)
        {
            Close.To(recording[$"{text}/{key}.mean"], mean, 1e-4, $"mean of {key}");
            Close.To(recording[$"{text}/{key}.variance"], variance, 1e-4, $"variance of {key}");
        }
        net.Statistics = statistics;
        Close.To(recording[$"{text}/embedding"], net.Embed(batches[0], architecture), 1e-4, "embedding");
        // With statistics an image's embedding does not depend on its neighbours.
        Close.To(
            net.Embed(batches[0], architecture).narrow(0, 0, 1), net.Embed(batches[0].narrow(0, 0, 1), architecture), 1e-5, "one image");
    }

    [Fact]
    public void A_network_that_was_not_calibrated_for_the_architecture_says_so()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = TinyModel.Create(TinyModel.Method);
        using var statistics = model.Networks.Student.Calibrate(Tiny.Space.Min, [randn(4, 3, 32, 32)]);
        model.Networks.Student.Statistics = statistics;
        Assert.ThrowsAny<Exception>(() => model.Networks.Student.Embed(randn(4, 3, 32, 32), Tiny.Space.Max));
        Assert.Throws<InvalidOperationException>(() => model.Networks.Student.Calibrate(Tiny.Space.Min, []));
        Assert.Same(statistics, model.Networks.Student.Statistics);
    }
}
