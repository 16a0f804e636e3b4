using DataSsl.Dense.Boxes;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Boxes;

public sealed class RoIAlignTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, int, bool, ScalarType> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, bool, ScalarType>();
            foreach (var (name, samples, aligned) in RecordedBoxes.Alignments)
            {
                cases.Add(name, samples, aligned, ScalarType.Float32);
                cases.Add(name, samples, aligned, ScalarType.Float64);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Output_and_gradient_are_torchvisions(string name, int samples, bool aligned, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var recorded = RecordedBoxes.Read();
        var map = Seeded.Uniform($"boxes/{name}", RecordedBoxes.Map).to(type).requires_grad_();
        var boxes = RecordedBoxes.Boxes(
                $"boxes/{name}/boxes", RecordedBoxes.Count, RecordedBoxes.Map[3] / RecordedBoxes.Scale,
                RecordedBoxes.Map[2] / RecordedBoxes.Scale)
            .to(type);
        var images = Enumerable.Range(0, RecordedBoxes.Count).Select(i => i % RecordedBoxes.Map[0]).ToArray();
        var output = new RoIAlign(RecordedBoxes.Size[0], RecordedBoxes.Size[1], samples, aligned)
            .Of(map, RecordedBoxes.Scale, boxes, images);
        (output * Seeded.Uniform($"boxes/{name}/weights", output.shape)).sum().backward();
        Assert.Equal(type, output.dtype);
        MustBe(recorded[$"{name}/{Name(type)}/output"], output);
        MustBe(recorded[$"{name}/{Name(type)}/gradient"], map.grad!);
    }

    /// <summary>Boxes of two images over four maps, and the levels that their sizes ask for.</summary>
    [Fact]
    public void A_pyramid_is_pooled_as_torchvision_does()
    {
        using var scope = NewDisposeScope();
        using var recorded = RecordedBoxes.Read();
        var (height, width) = (RecordedBoxes.Image[0], RecordedBoxes.Image[1]);
        var maps = Enumerable.Range(0, 4)
            .Select(i => Seeded.Uniform($"boxes/pyramid/{i}", [2, 2, height >> i + 2, width >> i + 2]).requires_grad_()).ToList();
        var boxes = RecordedBoxes.Boxes("boxes/pyramid/boxes", 14, width, height);
        using var images = zeros(2, 3, height, width);
        var output = new RoIAlign(2, 2)
            .Of(maps, [.. maps.Select(map => RoIAlign.ScaleOf(map, images))], [boxes.narrow(0, 0, 5), boxes.narrow(0, 5, 9)]);
        (output * Seeded.Uniform("boxes/pyramid/weights", output.shape)).sum().backward();
        MustBe(recorded["pyramid/output"], output);
        for (var i = 0; i < 4; i++) Sketch.MustBe(recorded[$"pyramid/gradient{i}"], maps[i].grad!, Tolerance, $"gradient of map {i}");
    }

    [Fact]
    public void No_boxes_give_nothing_and_a_gradient_of_zero()
    {
        using var scope = NewDisposeScope();
        var map = ones(1, 3, 4, 4).requires_grad_();
        var output = new RoIAlign(2, 2).Of([map], [1], [zeros(0, 4)]);
        Assert.Equal([0, 3, 2, 2], output.shape);
        output.sum().backward();
        Assert.Equal(0, map.grad!.abs().sum().item<float>());
    }

    /// <summary>A box that lies far outside, and one without numbers, pool nothing; neither reads past a map.</summary>
    [Fact]
    public void What_lies_outside_is_zero()
    {
        using var scope = NewDisposeScope();
        var output = new RoIAlign(2, 2)
            .Of(ones(1, 1, 4, 4), 1, tensor(new float[] { 90, 90, 99, 99, float.NaN, 0, float.NaN, 2 }, [2, 4]), [0, 0]);
        Assert.Equal(0, output.abs().sum().item<float>());
    }

    private static string Name(ScalarType type) => type == ScalarType.Float64 ? "float64" : "float32";

    private static void MustBe(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((actual.to(ScalarType.Float32) - expected).abs().max().item<float>(), 0, Tolerance);
    }
}
