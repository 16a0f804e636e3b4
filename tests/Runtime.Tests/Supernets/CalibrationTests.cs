using System.Text.Json;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Tests.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Supernets;

/// <summary>BatchNorm statistics of one architecture against PyTorch's over all that its layers are given.</summary>
public sealed class CalibrationTests
{
    [SkippableTheory]
    [InlineData("Max")]
    [InlineData("Half")]
    [InlineData("stem=8 stage1=8x1 stage2=12x2")]
    public void Statistics_and_the_network_that_uses_them_equal_PyTorch(string text)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = TinyModel.Create(TinyModel.Method);
        var (net, architecture) = (model.Networks.Student, Tiny.Space.Parse(text));
        var batches = new[] { 4L, 6, 3 }.Select(n => randn([n, 3, 32, 32])).ToList();
        var expected = Reference.Run(
            "calibration_reference.py",
            net.Weights.Slots.Select(s => ($"student.{s.Key}", s.Full())).Concat(batches.Select((b, i) => ($"batch{i}", b))).ToList(),
            new() { ["choices"] = JsonSerializer.Serialize(architecture.Choices.ToArray()), ["batches"] = $"{batches.Count}" });
        foreach (var tensor in expected.Values) scope.Attach(tensor);

        using var statistics = net.Calibrate(architecture, batches);
        Assert.Null(net.Statistics);
        Assert.Equal(expected.Keys.Count(k => k.EndsWith(".mean", StringComparison.Ordinal)), statistics.Entries.Count);
        foreach (var (key, (mean, variance)) in statistics.Entries)
        {
            Close.To(expected[$"{key}.mean"], mean, 1e-4, $"mean of {key}");
            Close.To(expected[$"{key}.variance"], variance, 1e-4, $"variance of {key}");
        }
        net.Statistics = statistics;
        Close.To(expected["embedding"], net.Embed(batches[0], architecture), 1e-4, "embedding");
        // With statistics an image's embedding does not depend on its neighbours.
        Close.To(net.Embed(batches[0], architecture).narrow(0, 0, 1), net.Embed(batches[0].narrow(0, 0, 1), architecture), 1e-5, "one image");
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
