using System.Globalization;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Views;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>Views of either executor equal Pillow's and torchvision's, given the same draw.</summary>
public sealed class ViewParityTests : IDisposable
{
    private static readonly torch.Device cpu = torch.CPU;
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [SkippableFact]
    public void Crop_resize_and_flip_equal_Pillow()
    {
        const int size = 24;
        (int Width, int Height)[] sizes = [(90, 61), (33, 32), (24, 24), (70, 120), (5, 9), (64, 64)];
        PixelBox[] boxes = [new(3, 2, 80, 55), new(30, 1, 3, 30), new(0, 0, 24, 24), new(11, 7, 31, 100), new(1, 2, 4, 6), new(0, 32, 64, 32)];
        var batch = Batch(sizes);
        var draws = boxes.Select((box, i) => new ViewDraw(Placement.Fill(box, size, flip: i % 2 == 1))).ToArray();
        for (var i = 0; i < sizes.Length; i++) ImageFile.Save(folder[$"{i}.png"], Pictures.Waves(sizes[i].Width, sizes[i].Height, i));
        Peer.Run($"""
            from PIL import Image, ImageOps
            import numpy as np
            views = []
            for i, (x, y, w, h) in enumerate([{string.Join(", ", boxes.Select(b => $"({b.Left}, {b.Top}, {b.Width}, {b.Height})"))}]):
                view = Image.open(f'{"{i}"}.png').crop((x, y, x + w, y + h)).resize(({size}, {size}), Image.BILINEAR)
                views.append(np.asarray(ImageOps.mirror(view) if i % 2 else view, dtype=np.float32).transpose(2, 0, 1) / 255)
            np.stack(views).tofile('views')
            """, folder.Path);
        AssertViews(Read(folder["views"]), batch, draws, Plain(size), 1.01 / 255);
    }

    [SkippableFact]
    public void Bicubic_crops_and_solarize_equal_torchvision()
    {
        const int size = 24;
        (int Width, int Height)[] sizes = [(90, 61), (33, 32), (24, 24), (70, 120), (5, 9), (64, 64), (300, 200), (40, 40)];
        PixelBox[] boxes = [new(3, 2, 80, 55), new(30, 1, 3, 30), new(0, 0, 24, 24), new(11, 7, 31, 100), new(1, 2, 4, 6), new(0, 32, 64, 32), new(0, 0, 300, 200), new(39, 0, 1, 1)];
        var batch = new ImageBatch([.. sizes.Select((_, i) => i)], [.. sizes.Select((s, i) => Extremes(s.Width, s.Height, i))]);
        var draws = boxes.Select((box, i) => new ViewDraw(Placement.Fill(box, size, flip: i % 2 == 1)) { Solarize = i >= 4 }).ToArray();
        for (var i = 0; i < sizes.Length; i++) ImageFile.Save(folder[$"{i}.png"], batch.Images[i]);
        Peer.Run($"""
            from PIL import Image
            import torch, torchvision.transforms.functional as F
            views = []
            for i, (x, y, w, h) in enumerate([{string.Join(", ", boxes.Select(b => $"({b.Left}, {b.Top}, {b.Width}, {b.Height})"))}]):
                image = F.to_tensor(Image.open(f'{"{i}"}.png'))
                view = F.resize(F.crop(image, y, x, h, w), [{size}, {size}], F.InterpolationMode.BICUBIC, antialias=True).clamp(0, 1)
                view = F.hflip(view) if i % 2 else view
                views.append(F.solarize(view, 0.5) if i >= 4 else view)
            torch.stack(views).numpy().tofile('views')
            """, folder.Path);
        var wanted = Read(folder["views"]);
        Assert.Contains(0f, wanted);
        AssertViews(wanted, batch, draws, Plain(size) with { Interpolation = Interpolation.Bicubic }, 2e-6);
    }

    [SkippableTheory]
    [InlineData(120, 90)]
    [InlineData(41, 100)]
    [InlineData(32, 32)]
    public void Evaluation_crops_equal_torchvision(int width, int height)
    {
        const int size = 28;
        var batch = Batch((width, height));
        ImageFile.Save(folder["0.png"], Pictures.Waves(width, height));
        Peer.Run($"""
            from PIL import Image
            import torch, torchvision.transforms as T
            image = Image.open('0.png')
            T.ToTensor()(T.Compose([T.Resize(32), T.CenterCrop({size})])(image)).numpy().tofile('center')
            # No draw of twice the area fits, and what is left then is the largest part of the middle; of the whole area one does at times.
            top, left, h, w = T.RandomResizedCrop.get_params(image, (2, 2), (3 / 4, 4 / 3))
            T.ToTensor()(T.functional.resized_crop(image, top, left, h, w, ({size}, {size}))).numpy().tofile('whole')
            """, folder.Path);
        foreach (var (name, recipe) in new[] { ("center", ViewRecipe.CenterCrop(size)), ("whole", ViewRecipe.WholeImage(size)) })
        {
            var plain = recipe with { Mean = new(0, 0, 0), Std = new(1, 1, 1) };
            AssertViews(Read(folder[name]), batch, [ViewDraw.For(plain, width, height, 0, 0, 0, 0)], plain, 1.01 / 255);
        }
    }

    [SkippableFact]
    public void Jitter_and_grey_equal_torchvision_in_every_order()
    {
        var orders = Permutations([JitterStep.Brightness, JitterStep.Contrast, JitterStep.Saturation, JitterStep.Hue]).ToArray();
        var batch = Batch([.. orders.Select(_ => (20, 20))]);
        var rng = CounterRandom.For(3, "test");
        var plain = batch.Images.Select(image => new ViewDraw(Placement.Fill(new(0, 0, image.Width, image.Height), 20, flip: false))).ToArray();
        var draws = plain.Select((draw, i) => draw with
        {
            Order = orders[i],
            Factors = [rng.Between(0.6, 1.4), rng.Between(0.6, 1.4), rng.Between(0, 2)],
            Hue = rng.Between(-0.5, 0.5),
            Gray = i % 6 == 5,
        }).ToArray();
        Write(folder["plain"], Values(ViewMaker.Render(batch, plain, Plain(20), cpu)));
        var cases = draws.Select(draw => string.Create(CultureInfo.InvariantCulture,
            $"([{string.Join(", ", draw.Order.Select(step => (int)step))}], [{draw.Factors[0]}, {draw.Factors[1]}, {draw.Factors[2]}, {draw.Hue}], {(draw.Gray ? 1 : 0)})"));
        Peer.Run($"""
            import numpy as np, torch, torchvision.transforms.functional as F
            views = torch.from_numpy(np.fromfile('plain', dtype=np.float32)).view(-1, 3, 20, 20)
            steps = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]
            result = []
            for view, (order, factors, grey) in zip(views, [{string.Join(", ", cases)}]):
                for step in order: view = steps[step](view, factors[step])
                result.append(F.rgb_to_grayscale(view, 3) if grey else view)
            torch.stack(result).numpy().tofile('jittered')
            """, folder.Path);
        var recipe = Plain(20) with { JitterChance = 1 };
        AssertViews(Read(folder["jittered"]), batch, draws, recipe, 1e-3);
    }

    [SkippableFact]
    public void Blur_is_a_gaussian_with_replicated_edges_and_solarize_inverts_the_upper_half()
    {
        double[] sigmas = [0.1, 0.4, 1, 1.7, 2, 0];
        var batch = Batch([.. sigmas.Select(_ => (30, 30))]);
        var plain = sigmas.Select(_ => new ViewDraw(Placement.Fill(new(0, 0, 30, 30), 30, flip: false))).ToArray();
        var draws = plain.Select((draw, i) => draw with { BlurSigma = sigmas[i], Solarize = i >= 4 }).ToArray();
        Write(folder["plain"], Values(ViewMaker.Render(batch, plain, Plain(30), cpu)));
        Peer.Run($"""
            import numpy as np
            views = np.fromfile('plain', dtype=np.float32).reshape(-1, 3, 30, 30).astype(np.float64)
            offsets = np.arange(-20, 21)
            for i, sigma in enumerate([{string.Join(", ", sigmas.Select(s => s.ToString(CultureInfo.InvariantCulture)))}]):
                if sigma > 0:
                    kernel = np.exp(-offsets ** 2 / (2 * sigma ** 2)); kernel /= kernel.sum()
                    for axis in (1, 2):
                        padded = np.pad(views[i], [(20, 20) if a == axis else (0, 0) for a in range(3)], 'edge')
                        views[i] = sum(k * np.take(padded, np.arange(30) + 20 + o, axis) for k, o in zip(kernel, offsets))
                if i >= 4: views[i] = np.where(views[i] < 0.5, views[i], 1 - views[i])
            views.astype(np.float32).tofile('blurred')
            """, folder.Path);
        AssertViews(Read(folder["blurred"]), batch, draws, Plain(30), 1e-3);
    }

    /// <summary>Channels that are dark or bright at random, where a cubic overshoots.</summary>
    private static Image Extremes(int width, int height, int seed)
    {
        var rng = CounterRandom.For((ulong)seed, "test");
        var rgb = new byte[3 * width * height];
        foreach (ref var value in rgb.AsSpan()) value = rng.Chance(0.5) ? (byte)rng.Below(20) : (byte)(235 + rng.Below(20));
        return new(width, height, rgb);
    }

    private static IEnumerable<JitterStep[]> Permutations(JitterStep[] steps) =>
        steps.Length == 1 ? [steps] : steps.SelectMany(first => Permutations([.. steps.Where(s => s != first)]).Select(rest => (JitterStep[])[first, .. rest]));
}
