using DataSsl.Dense.Boxes;
using DataSsl.Dense.Heads;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Heads;

/// <summary>Detectors and the segmenter in training: they learn, free what they make, draw by their seed alone.</summary>
[Collection(SingleThread.Name)]
public sealed class TrainingTests
{
    private const int Size = 64;

    public static TheoryData<string> Detectors => ["fcos", "faster", "mask", "c4"];

    /// <summary>Losses, backward and detections, again and again: the number of live tensors stays.</summary>
    [Theory]
    [MemberData(nameof(Detectors))]
    public void Steps_leave_nothing_behind(string which)
    {
        Forgotten.Free();
        var before = LiveTensors.Count;
        using (var scope = NewDisposeScope())
        {
            using var detector = Detector(which);
            var counts = Enumerable.Range(0, 4).Select(step =>
            {
                Step(detector, step);
                using (NewDisposeScope()) detector.Detect(Images());
                return LiveTensors.Count;
            }).ToList();
            // The first makes the gradients' room.
            Assert.Equal([.. Enumerable.Repeat(counts[1], 3)], counts[1..]);
        }
        Forgotten.Free();
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void The_segmenter_leaves_nothing_behind()
    {
        Forgotten.Free();
        var before = LiveTensors.Count;
        using (var scope = NewDisposeScope())
        {
            using var model = new FcnSegmenter(new FourConvolutions(), classes: 2, seed: 1, auxiliary: 0.4);
            var counts = Enumerable.Range(0, 4).Select(_ =>
            {
                using (NewDisposeScope())
                {
                    model.Loss(ones(2, 3, Size, Size), zeros([2, Size, Size], ScalarType.Int64)).backward();
                    model.Segment(ones(2, 3, Size, Size));
                }
                return LiveTensors.Count;
            }).ToList();
            Assert.Equal([.. Enumerable.Repeat(counts[1], 3)], counts[1..]);
        }
        Forgotten.Free();
        Assert.Equal(before, LiveTensors.Count);
    }

    /// <summary>Bright squares on noise are found where they are, by training on others.</summary>
    [Theory]
    [InlineData("fcos")]
    [InlineData("faster")]
    public void Squares_are_learnt(string which)
    {
        using var scope = NewDisposeScope();
        using var detector = Detector(which);
        detector.train();
        using var optimizer = optim.AdamW(detector.parameters(), lr: 2e-3);
        for (var step = 0; step < 60; step++)
        {
            using var inner = NewDisposeScope();
            var (images, targets) = Squares(step);
            optimizer.zero_grad();
            detector.Losses(images, targets, seed: 1, step).Values.Aggregate((a, b) => a + b).backward();
            optimizer.step();
        }
        detector.eval();
        var (unseen, truth) = Squares(1000);
        var found = detector.Detect(unseen);
        for (var i = 0; i < truth.Count; i++)
        {
            Assert.True(found[i].Boxes.shape[0] > 0, $"nothing is found on image {i}");
            var overlap = BoxAlgebra.Iou(found[i].Boxes.narrow(0, 0, 1), truth[i].Boxes).item<float>();
            Assert.True(overlap > 0.5, $"the best of image {i} overlaps its square by {overlap}");
        }
    }

    /// <summary>The same seed gives the same first weights and the same losses to the bit; another step draws others.</summary>
    [Theory]
    [MemberData(nameof(Detectors))]
    public void A_seed_says_all(string which)
    {
        using var scope = NewDisposeScope();
        float[] Losses(long step)
        {
            using var detector = Detector(which, samples: 8);
            return [.. detector.Losses(Images(), Targets(which), seed: 3, step).OrderBy(loss => loss.Key).Select(loss => loss.Value.item<float>())];
        }

        var first = Losses(0);
        rand(17);
        Assert.Equal(first, Losses(0));
        if (which != "fcos") Assert.NotEqual(first, Losses(1));
    }

    [Theory]
    [InlineData("boxes [M, 4] and labels [M] are wanted")]
    [InlineData("a box has no area")]
    [InlineData("masks [M, H, W] are wanted")]
    [InlineData("2 images have 1 targets")]
    public void Wrong_targets_are_refused(string message)
    {
        using var scope = NewDisposeScope();
        using var detector = Detector("mask");
        var good = Targets("mask");
        var targets = message switch
        {
            "boxes [M, 4] and labels [M] are wanted" => [good[0], good[1] with { Labels = zeros(3, ScalarType.Int64) }],
            "a box has no area" => [good[0], good[1] with { Boxes = tensor(new float[] { 4, 4, 4, 9 }, [1, 4]) }],
            "masks [M, H, W] are wanted" => [good[0], good[1] with { Masks = null }],
            _ => new[] { good[0] },
        };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => detector.Losses(Images(), targets, seed: 1, step: 0)).Message);
    }

    private static Detector Detector(string which, int samples = 64)
    {
        var backbone = new FourConvolutions();
        var (proposals, regions) = (new ProposalSettings { Sampler = new(samples, 0.5), Candidates = (100, 100), Proposals = (50, 50) }, new RegionSettings { Sampler = new(samples, 0.25) });
        AnchorGrid anchors = new([[8], [16], [32], [64], [128]], [0.5, 1, 2]);
        return which switch
        {
            "fcos" => new Fcos(backbone, classes: 1, seed: 1, width: 16, new() { Groups = 4, Depth = 1, Score = 0.05 }),
            "c4" => new FasterRcnnC4(
                backbone, classes: 1, seed: 1, norm: true, new([[16, 32, 64]], [0.5, 1, 2], Rounded: false), proposals, regions with { Pool = new(4, 0, aligned: true) }),
            _ => new FasterRcnn(backbone, classes: 1, seed: 1, which == "mask" ? new() { Width = 8 } : null, width: 16, representation: 32, anchors, proposals, regions),
        };
    }

    private static void Step(Detector detector, int step)
    {
        using var scope = NewDisposeScope();
        detector.Losses(Images(), Targets("mask"), seed: 1, step).Values.Aggregate((a, b) => a + b).backward();
    }

    private static PaddedImages Images() => Squares(0).Images;

    private static IReadOnlyList<Target> Targets(string which) => Squares(0).Targets.Select(target => which == "mask" ? target : target with { Masks = null }).ToList();

    /// <summary>Four images, each with a square of a third to two thirds of it.</summary>
    private static (PaddedImages Images, IReadOnlyList<Target> Targets) Squares(int step)
    {
        var (images, targets) = (new List<Tensor>(), new List<Target>());
        for (var i = 0; i < (step == 0 ? 2 : 4); i++)
        {
            var random = Runtime.CounterRandom.For(7, "squares", step, i);
            var side = (int)random.Below(Size / 3) + Size / 3;
            var (x, y) = ((int)random.Below(Size - side), (int)random.Below(Size - side));
            var image = Seeded.Uniform($"squares/{step}/{i}", [3, Size, Size], 0.3);
            image.narrow(1, y, side).narrow(2, x, side).add_(1.5);
            images.Add(image);
            var mask = zeros([1, Size, Size], ScalarType.Byte);
            mask.narrow(1, y, side).narrow(2, x, side).fill_(1);
            targets.Add(new(tensor(new float[] { x, y, x + side, y + side }, [1, 4]), zeros(1, ScalarType.Int64), mask));
        }
        return (PaddedImages.Of(images), targets);
    }
}
