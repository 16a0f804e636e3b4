using DataSsl.Dense.Data;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Data;

/// <summary>An image and all that is marked on it move together.</summary>
[Collection(SingleThread.Name)]
public class JointAugmentationTests
{
    private static readonly JointAugmentation hard = new() { MinSize = 60, MaxSize = 100, Scale = new(0.5, 1.8), Crop = (48, 64) };

    /// <summary>As torchvision 0.14 gave them.</summary>
    [Theory]
    [InlineData(640, 480, 320, 1333, 426, 320)]
    [InlineData(640, 480, 800, 1333, 1066, 800)]
    [InlineData(500, 200, 800, 1333, 1333, 533)]
    [InlineData(200, 200, 800, 1333, 800, 800)]
    [InlineData(612, 500, 375, 1333, 459, 375)]
    // 70 hundredths in 32 bits are less than 0.7: 64 bits would give 70.
    [InlineData(150, 100, 70, 1333, 104, 69)]
    public void Sizes_are_those_of_torchvisions_detectors(int width, int height, int min, int max, int scaledWidth, int scaledHeight)
    {
        var placement = new JointAugmentation { MinSize = min, MaxSize = max }.Still().Place(width, height, 1, 2, 3);
        Assert.Equal(new JointPlacement(width, height, scaledWidth, scaledHeight, 0, 0, scaledWidth, scaledHeight, false), placement);
    }

    /// <summary>
    /// The picture's colours say where each of its pixels was: they must be where boxes and masks say that the pixel has gone.
    /// </summary>
    [Fact]
    public void Image_boxes_masks_and_index_masks_move_together()
    {
        using var scope = NewDisposeScope();
        var (image, plain) = (SmallSets.Picture(90, 70), hard with { Mean = new(0, 0, 0), Std = new(1, 1, 1) });
        var index = Enumerable.Range(0, 90 * 70).Select(i => (byte)(i % 90)).ToArray();
        var (flipped, cut, padded) = (0, 0, 0);
        for (var step = 0; step < 40; step++)
        {
            var placement = plain.Place(90, 70, 1, step, 4);
            var pixels = placement.Of(image, plain.Mean, plain.Std);
            Assert.Equal([3L, 48, 64], pixels.shape);
            var values = (pixels * 255).data<float>().ToArray();
            var moved = placement.Of(index, 255);
            var inside = 0;
            for (var y = 0; y < 48; y++)
                for (var x = 0; x < 64; x++)
                {
                    var at = y * 64 + x;
                    if (moved[at] == 255)
                    {
                        Assert.Equal(0, values[at]);
                        continue;
                    }
                    inside++;
                    // Bilinear lies between the pixels and nearest below: within a pixel of the source, or two where it shrinks.
                    Assert.InRange(values[at] - moved[at], -1.5, 2.5);
                    // Where the pixel's middle was, by the way back.
                    var middle = placement.Back(new(x + 0.5, y + 0.5, 0, 0));
                    Assert.Equal(Math.Clamp(middle.Left - 0.5, 0, 89), values[at], 2e-2);
                    Assert.Equal(Math.Clamp(middle.Top - 0.5, 0, 69), values[48 * 64 + at], 2e-2);
                }
            Assert.True(inside > 0);
            // A box goes where its corners go, as far as they are there.
            var box = new Box(20, 10, 40, 30);
            var there = placement.Of(box);
            if (there.Width > 0 && there.Height > 0)
            {
                var back = placement.Back(there);
                Assert.True(back.Left >= 20 - 1e-9 && back.Right <= 60 + 1e-9 && back.Top >= 10 - 1e-9 && back.Bottom <= 40 + 1e-9);
                if (there.Left > 0 && there.Right < 64 && there.Top > 0 && there.Bottom < 48 && inside == 48 * 64)
                    Assert.Equal(1200, back.Area, 1e-6);
            }
            (flipped, cut, padded) = (flipped + (placement.IsFlipped ? 1 : 0), cut + (placement.Left + placement.Top > 0 ? 1 : 0),
                padded + (inside < 48 * 64 ? 1 : 0));
            pixels.Dispose();
        }
        Assert.True(flipped is > 8 and < 32 && cut > 5 && padded > 5, $"{flipped} flipped, {cut} cut, {padded} padded");
    }

    /// <summary>torchvision: the picture normalised and then scaled; masks by PyTorch's own nearest.</summary>
    [Fact]
    public void Scaling_is_torchs_own()
    {
        using var scope = NewDisposeScope();
        var (image, augmentation) = (SmallSets.Picture(90, 70), new JointAugmentation { MinSize = 43, MaxSize = 1000, FlipChance = 0 });
        var placement = augmentation.Place(90, 70, 1, 1, 1);
        var whole = tensor(image.Rgb.ToArray(), [70, 90, 3]).permute(2, 0, 1).to(ScalarType.Float32) / 255;
        var normalised = (
            whole - tensor(new[] { 0.485f, 0.456f, 0.406f }, [3, 1, 1])) / tensor(new[] { 0.229f, 0.224f, 0.225f }, [3, 1, 1]);
        var expected = nn.functional.interpolate(
            normalised.unsqueeze(0), size: [placement.Height, placement.Width], mode: InterpolationMode.Bilinear, align_corners: false)[0];
        Assert.True(expected.allclose(placement.Of(image, augmentation.Mean, augmentation.Std), 1e-6, 1e-6));
        var mask = Enumerable.Range(0, 90 * 70).Select(i => (byte)(i * 7 % 250)).ToArray();
        foreach (var min in new[] { 43, 70, 101, 140 })
        {
            var place = (augmentation with { MinSize = min }).Place(90, 70, 1, 1, 1);
            var nearest = nn.functional.interpolate(
                tensor(mask, [1, 1, 70, 90]).to(ScalarType.Float32), size: [place.Height, place.Width], mode: InterpolationMode.Nearest);
            Assert.Equal(nearest.to(ScalarType.Byte).data<byte>().ToArray(), place.Of(mask, 0));
        }
    }

    [Fact]
    public void A_view_leaves_out_crowds_and_what_is_cut_off_and_is_the_same_for_the_same_draw()
    {
        var mask = new byte[90 * 70];
        for (var y = 10; y < 40; y++) mask.AsSpan(y * 90 + 20, 40).Fill(1);
        LabelledObject item = new(1, new(20, 10, 40, 30), 1200, RunMask.Of(70, 90, mask)),
            far = item with { Class = 2, Box = new(80, 60, 5, 5), Mask = Corner() };
        LabelledObject[] objects = [item, item with { IsCrowd = true }, far];
        var image = SmallSets.Picture(90, 70);
        var lost = 0;
        for (var step = 0; step < 30; step++)
        {
            var placement = hard.Place(90, 70, 9, step, 0);
            using var view = TrainingView.Of(image, objects, placement, hard, withMasks: true);
            using var again = TrainingView.Of(image, objects, hard.Place(90, 70, 9, step, 0), hard, withMasks: true);
            Assert.True(view.Pixels.equal(again.Pixels).all().item<bool>() && view.Target.Boxes.shape[0] == again.Target.Boxes.shape[0]);
            var count = view.Target.Labels.shape[0];
            Assert.InRange(count, 0, 2);
            lost += 2 - (int)count;
            Assert.Equal([count, 4], view.Target.Boxes.shape);
            Assert.Equal([count, 48, 64], view.Target.Masks!.shape);
            var (boxes, masks) = (view.Target.Boxes.data<float>().ToArray(), view.Target.Masks.data<byte>().ToArray());
            for (var i = 0; i < count; i++)
            {
                // An object that fills its box fills it still, to a pixel at each edge.
                var bounds = RunMask.Of(48, 64, masks.AsSpan(i * 48 * 64, 48 * 64)).Bounds;
                double[] edges = [bounds.Left, bounds.Top, bounds.Right, bounds.Bottom];
                for (var edge = 0; edge < 4; edge++) Assert.InRange(boxes[4 * i + edge] - edges[edge], -1.5, 1.5);
            }
        }
        Assert.InRange(lost, 1, 50);

        static RunMask Corner()
        {
            var pixels = new byte[90 * 70];
            for (var y = 60; y < 65; y++) pixels.AsSpan(y * 90 + 80, 5).Fill(1);
            return RunMask.Of(70, 90, pixels);
        }
    }

    [Fact]
    public void No_tensor_is_left_over()
    {
        Forgotten.Free();
        var image = SmallSets.Picture(90, 70);
        LabelledObject[] objects = [new(1, new(20, 10, 40, 30), 1200)];
        Make();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 20; i++) Make();
        Assert.Equal(before, Tensor.TotalCount);

        void Make()
        {
            using var view = TrainingView.Of(image, objects, hard.Place(90, 70, 9, 1, 0), hard, withMasks: false);
            Assert.Null(view.Target.Masks);
        }
    }
}
