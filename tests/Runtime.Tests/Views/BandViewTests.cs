using System.Runtime.InteropServices;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Views;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>Views of pictures of other bands and bits than red, green and blue of 8.</summary>
public sealed class BandViewTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 16)]
    [InlineData(2, 8)]
    [InlineData(3, 16)]
    [InlineData(4, 16)]
    [InlineData(5, 8)]
    [InlineData(16, 16)]
    public void Both_executors_make_the_same_view_of_every_draw(int bands, int bits)
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(bands, bits, (64, 48), (33, 32), (5, 9), (1, 1), (100, 75), (200, 31));
        ViewRecipe[] recipes = [ViewRecipe.MoCoV2(32), ViewRecipe.Byol(31, 0.5, 0.5), ViewRecipe.CenterCrop(20), ViewRecipe.SimClr(24)];
        foreach (var recipe in recipes)
        {
            var own = recipe.For(batch.Pixels);
            for (var step = 0; step < 4; step++)
            {
                var draws = Draws(batch, own, step);
                var host = Values(ViewMaker.RenderOnHost(batch, draws, own));
                Assert.Equal(batch.Count * bands * own.Size * own.Size, host.Length);
                AssertClose(Values(ViewMaker.RenderInBatches(batch, draws, own, torch.CPU)), host, 2e-5);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_view_of_bands_is_what_each_three_of_them_would_be(int bands)
    {
        // Crop, flip, resize and blur know nothing of colours: a picture of three alike bands is the old path's.
        using var scope = torch.NewDisposeScope();
        var recipe = Plain(24) with { FlipChance = 0.5, BlurChance = 0.5, Interpolation = Interpolation.Bicubic };
        var own = recipe with { Mean = new(new double[bands]), Std = new(Enumerable.Repeat(1.0, bands).ToArray()) };
        var batch = Batch(bands, 8, (64, 48), (33, 90));
        for (var step = 0; step < 5; step++)
        {
            var draws = Draws(batch, own, step);
            var views = ViewMaker.RenderOnHost(batch, draws, own);
            for (var band = 0; band < bands; band++)
            {
                var three = new ImageBatch(batch.Indices, Array.ConvertAll(batch.Images, image => Thrice(image, band)));
                Assert.Equal(Values(ViewMaker.RenderOnHost(three, draws, recipe).narrow(1, 0, 1)), Values(views.narrow(1, band, 1)));
            }
        }

        static Image Thrice(Image image, int band) => new(
            image.Width, image.Height,
            image.Pixels.ToArray().Chunk(image.Format.Bands).SelectMany(pixel => Enumerable.Repeat(pixel[band], 3)).ToArray());
    }

    [Fact]
    public void Sixteen_bits_are_shares_of_65535_normalised_by_band()
    {
        using var scope = torch.NewDisposeScope();
        ushort[] values = [0, 65535, 300, 301, 40000, 12345, 1, 2, 65534, 9, 10, 11];
        var image = new Image(2, 2, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()) { Format = new(3, 16) };
        var pixels = new PixelRule(image.Format, new(0.25, 0.5, 0.004), new(0.5, 2, 0.0001));
        var views = Values(
            ViewMaker.Make(
                new ImageBatch([0], [image]) { Pixels = pixels }, ViewRecipe.WholeImage(2), 0, 0, 0, torch.CPU));
        for (var i = 0; i < values.Length; i++)
        {
            var band = i % 3;
            var wanted = (values[i] / 65535.0 - pixels.Mean[band]) / pixels.Deviation[band];
            Assert.Equal(wanted, views[band * 4 + i / 3], 1e-5 * Math.Max(1, Math.Abs(wanted)) + 2e-3 * (band == 2 ? 1 : 0));
        }
    }

    [Fact]
    public void Colours_go_where_there_are_none_and_gain_and_noise_take_their_place()
    {
        var (grey, four, deep) = (Own(1, 8), Own(4, 16), Own(3, 16));
        Assert.Equal((0.4, 0.4, 0, 0, 0, 0.2), Of(grey));
        Assert.Equal((0, 0, 0, 0, 0, 0), Of(four));
        Assert.Equal((0.2, 0.1), (four.BandGain, four.BandNoise));
        Assert.Equal((0.0, 0.0), (grey.BandGain, grey.BandNoise));
        Assert.Equal((0.4, 0.4, 0.2, 0.1, 0.2, 0.2), Of(deep));
        var usual = ViewRecipe.MoCoV2(32);
        Assert.Same(usual, usual.For(PixelRule.ImageNet));
        var strong = ViewRecipe.SimClr(32).For(Pixels(4, 16));
        Assert.Equal(0.4, strong.BandGain, 1e-12);
        Assert.Equal((0.0, 0.0), (ViewRecipe.Weak(32).For(Pixels(4, 16)).BandGain, ViewRecipe.Weak(32).For(Pixels(4, 16)).BandNoise));

        static ViewRecipe Own(int bands, int bits) => ViewRecipe.Byol(32, 1, 0.2).For(Pixels(bands, bits));

        static (double, double, double, double, double, double) Of(ViewRecipe r) =>
            (r.Brightness, r.Contrast, r.Saturation, r.Hue, r.GrayChance, r.SolarizeChance);
    }

    [Fact]
    public void Gain_is_about_the_mean_and_noise_has_the_deviation_that_was_drawn()
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(4, 16, (64, 64));
        var recipe = ViewRecipe.WholeImage(64) with { JitterChance = 1, Brightness = 0.4 };
        var own = recipe.For(batch.Pixels);
        var plain = Values(ViewMaker.Make(batch, recipe with { JitterChance = 0 }, 5, 0, 0, torch.CPU));
        var (gains, noises) = (new List<double>(), new List<double>());
        for (var step = 0; step < 40; step++)
        {
            var draw = ViewDraw.For(own, 64, 64, 5, step, 0, 0);
            var views = Values(ViewMaker.Make(batch, recipe, 5, step, 0, torch.CPU));
            var rest = views.Select((value, i) => value - plain[i] * draw.Gains[i / (64 * 64)]).ToArray();
            Assert.Equal(4, draw.Gains.Distinct().Count());
            Assert.InRange(rest.Average(), -4 * draw.Noise / 128 - 1e-6, 4 * draw.Noise / 128 + 1e-6);
            // 16,384 normal values give their deviation to one percent or so.
            Assert.InRange(Math.Sqrt(rest.Average(value => value * value)), 0.97 * draw.Noise - 1e-6, 1.03 * draw.Noise + 1e-6);
            gains.AddRange(draw.Gains);
            noises.Add(draw.Noise);
            // The same to the bit whenever it is made.
            Assert.Equal(views, Values(ViewMaker.Make(batch, recipe, 5, step, 0, torch.CPU)));
        }
        Assert.InRange(gains.Min(), 0.8, 0.82);
        Assert.InRange(gains.Max(), 1.18, 1.2);
        Assert.InRange(noises.Max(), 0.09, 0.1);
    }

    [Fact]
    public void A_stream_that_begins_later_makes_the_same_views_of_bands()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 6; i++)
        {
            var image = Batch(1, 8, (30 + i, 28)).Images[0];
            folder.Write($"{i}.png", Pictures.Encoded(image));
        }
        var store = ImageStore.Load(ImageSource.Open(folder.Path), new() { Pixels = Pixels(1, 8) });
        var banded = ViewPlan.MoCoV2(16);
        float[][] Steps(long first, int ahead)
        {
            using var stream = new ViewStream(store, banded, 9, step => [(int)step % 6, (int)(step + 1) % 6], first, 6, torch.CPU, ahead);
            return [.. Enumerable.Range(0, (int)(6 - first)).Select(_ => Values(stream.Next().Student(0)))];
        }
        var all = Steps(0, ahead: 1);
        Assert.Equal(2 * 16 * 16, all[0].Length);
        Assert.Equal(all[4..], Steps(4, ahead: 0));
    }

    private static ViewDraw[] Draws(ImageBatch batch, ViewRecipe recipe, int step) =>
        [.. batch.Indices.Select(i => ViewDraw.For(recipe, batch.Images[i].Width, batch.Images[i].Height, 3, step, i, 0))];

    private static PixelRule Pixels(int bands, int bits) => new(
        new(bands, bits), new(Enumerable.Range(0, bands).Select(i => 0.4 + 0.01 * i).ToArray()),
        new(Enumerable.Range(0, bands).Select(i => 0.2 + 0.01 * i).ToArray()));

    private static ImageBatch Batch(int bands, int bits, params (int Width, int Height)[] sizes) => new(
        [.. Enumerable.Range(0, sizes.Length)], [.. sizes.Select((size, i) => Picture(bands, bits, size.Width, size.Height, i))])
    {
        Pixels = Pixels(bands, bits),
    };

    private static Image Picture(int bands, int bits, int width, int height, int seed)
    {
        var rng = CounterRandom.For((ulong)seed, "band picture");
        var values = new ushort[bands * width * height];
        for (var i = 0; i < values.Length; i++)
        {
            var wave = Math.Sin(0.2 * (i / bands % width) + i % bands) * Math.Cos(0.3 * (i / bands / width));
            values[i] = (ushort)Math.Clamp(32768 + 20000 * wave + rng.Between(-9000, 9000), 0, 65535);
        }
        var pixels = bits == 16 ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray() : Array.ConvertAll(values, value => (byte)(value >> 8));
        return new(width, height, pixels) { Format = new(bands, bits) };
    }
}
