using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Tests;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Heads;

/// <summary>
/// Detectors and the segmenter are torchvision's on equal weights and images: losses, their gradients by every weight, proposals,
/// detections, masks. In 64 bits, where no rounding turns a choice.
/// </summary>
public sealed class DetectorParityTests
{
    private const double Tolerance = 1e-5;

    [Fact]
    public void Faster_rcnn() => MustBe("faster", Scene.Faster(masks: false), labelShift: 1);

    [Fact]
    public void Mask_rcnn() => MustBe("mask", Scene.Faster(masks: true), labelShift: 1);

    [Fact]
    public void Faster_rcnn_c4() => MustBe("c4", Scene.C4(), labelShift: 1);

    [Fact]
    public void Fcos() => MustBe("fcos", Scene.Fcos(), labelShift: 0);

    [Fact]
    public void Fcn()
    {
        using var scope = NewDisposeScope();
        using var recorded = Scene.Read();
        using var model = Scene.Fcn();
        Scene.Give(model, "fcn");
        var images = Scene.Images(ScalarType.Float64).Pixels;
        var (n, h, w) = (images.shape[0], images.shape[2], images.shape[3]);
        var labels = tensor(
            Enumerable.Range(0, (int)(n * h * w)).Select(i => (long)(Seeded.Bits("scene/classes", i) % (Scene.Classes + 1)))
                .Select(c => c == Scene.Classes ? FcnSegmenter.Void : c).ToArray(),
            [n, h, w]);
        model.train();
        // What is dropped is each library's own draw.
        foreach (var dropout in model.modules().OfType<Dropout>()) dropout.eval();
        var loss = model.Loss(images, labels);
        loss.backward();
        Close(recorded["fcn/loss"], loss);
        GradientsMustBe(recorded["fcn/gradients"], model);
        Scene.Give(model, "fcn");
        model.eval();
        var logits = model.Logits(images);
        Sketch.MustBe(recorded["fcn/logits"], logits, Tolerance, "logits");
        Assert.True(model.Segment(images).eq(logits.argmax(1)).all().item<bool>());
    }

    private static void MustBe(string name, Detector model, int labelShift)
    {
        using var scope = NewDisposeScope();
        using var recorded = Scene.Read();
        using (model)
        {
            Scene.Give(model, name);
            var images = Scene.Images(ScalarType.Float64);
            model.train();
            var losses = model.Losses(images, Scene.Targets(ScalarType.Float64, masks: name == "mask"), seed: 1, step: 0);
            Assert.Equal(
                recorded.Names.Where(n => n.StartsWith($"{name}/", StringComparison.Ordinal) && recorded[n].dim() == 0).Order(),
                losses.Keys.Select(key => $"{name}/{key}").Order());
            foreach (var (key, loss) in losses) Close(recorded[$"{name}/{key}"], loss);
            losses.Values.Aggregate((a, b) => a + b).backward();
            GradientsMustBe(recorded[$"{name}/gradients"], model);

            model.eval();
            var found = model.Detect(images);
            for (var i = 0; i < images.Sizes.Count; i++)
            {
                Close(recorded[$"{name}/boxes{i}"], found[i].Boxes);
                Close(recorded[$"{name}/scores{i}"], found[i].Scores);
                Assert.Equal(recorded[$"{name}/labels{i}"].data<long>().ToArray(), (found[i].Labels + labelShift).data<long>().ToArray());
                if (name != "mask") continue;
                Sketch.MustBe(recorded[$"{name}/masks{i}"], found[i].Masks!, Tolerance, $"masks of image {i}");
                Sketch.MustBe(recorded[$"{name}/pasted{i}"], found[i].Paste(images.Sizes[i]), Tolerance, $"masks on image {i}");
            }
        }
    }

    private static void Close(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(
            (actual - expected.to(actual.dtype)).norm().item<double>() <= Tolerance * expected.norm().item<float>(),
            $"{actual.data<double>().First()} is not {expected.data<float>().First()}");
    }

    /// <summary>Every weight's, by the order of keys that are the script's too.</summary>
    private static void GradientsMustBe(Tensor expected, nn.Module model)
    {
        var parameters = model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).ToList();
        Assert.Equal(expected.shape[0], parameters.Count);
        for (var i = 0; i < parameters.Count; i++)
            Sketch.MustBe(expected[i], parameters[i].parameter.grad!, 1e-4, $"gradient of {parameters[i].name}", rounding: 1e-6);
    }
}
