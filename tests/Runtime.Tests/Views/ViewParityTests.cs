using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>
/// Views of either executor, and shrunk pictures, equal Pillow's and torchvision's, given the same draw; <c>views.py</c> recorded those.
/// </summary>
public sealed class ViewParityTests : IDisposable
{
    /// <summary>Pillow rounds to 8 bits after each direction.</summary>
    private const double Level = 1.01 / 255;

    private const int FillSize = 24, BicubicSize = 12, EvaluationSize = 28, ShortSide = 32, JitterSize = 8, BlurSize = 16;

    private static readonly (int Width, int Height)[] filled = [(90, 61), (33, 32), (24, 24), (70, 120), (5, 9), (64, 64)];
    private static readonly PixelBox[] filledBoxes =
    [
        new(3, 2, 80, 55), new(30, 1, 3, 30), new(0, 0, 24, 24), new(11, 7, 31, 100), new(1, 2, 4, 6), new(0, 32, 64, 32),
    ];
    private static readonly (int Width, int Height)[] bicubic = [.. filled, (300, 200), (40, 40)];
    private static readonly PixelBox[] bicubicBoxes = [.. filledBoxes, new(0, 0, 300, 200), new(39, 0, 1, 1)];
    private static readonly (int Width, int Height)[] evaluated = [(120, 90), (41, 100), (32, 32)];
    private static readonly (int Width, int Height)[] shrunk = [(150, 100), (97, 211)];
    private static readonly (int Width, int Height)[] shrunkTo = [(96, 64), (40, 87)];
    private static readonly double[] sigmas = [0.1, 0.4, 1, 1.7, 2, 0];

    /// <summary>Of bicubic views and blurred ones, the first that is solarized.</summary>
    private const int SolarizedFrom = 4;

    private readonly DisposeScope scope = torch.NewDisposeScope();

    private readonly Recording recording = Recording.Of("views",
    [
        ("fill", new { size = FillSize, pictures = Pairs(filled), boxes = Fours(filledBoxes) }),
        ("bicubic", new { size = BicubicSize, pictures = Pairs(bicubic), boxes = Fours(bicubicBoxes), solarizedFrom = SolarizedFrom }),
        ("evaluation", new { size = EvaluationSize, shortSide = ShortSide, pictures = Pairs(evaluated) }),
        ("jitter",
            new
            {
                size = JitterSize,
                draws = JitterDraws.Select(
                    draw =>
                        new { order = draw.Order.Select(step => (int)step), factors = draw.Factors.Append(draw.Hue), grey = draw.Gray }),
            }),
        ("blur", new { size = BlurSize, sigmas, solarizedFrom = SolarizedFrom }),
        ("shrunk", new { pictures = Pairs(shrunk), to = Pairs(shrunkTo) }),
    ]);

    public void Dispose()
    {
        recording.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Crop_resize_and_flip_equal_Pillow()
    {
        var batch = Batch([.. filled.Select((size, i) => Picture($"fill/{i}", size.Width, size.Height))]);
        var draws = filledBoxes.Select((box, i) => new ViewDraw(Placement.Fill(box, FillSize, flip: i % 2 == 1))).ToArray();
        AssertViews(Recorded("fill"), batch, draws, Plain(FillSize), Level);
    }

    [Fact]
    public void Bicubic_crops_and_solarize_equal_torchvision()
    {
        var batch = Batch([.. bicubic.Select((size, i) => Extremes($"bicubic/{i}", size.Width, size.Height))]);
        var draws = bicubicBoxes.Select(
                (box, i) => new ViewDraw(Placement.Fill(box, BicubicSize, flip: i % 2 == 1)) { Solarize = i >= SolarizedFrom })
            .ToArray();
        var wanted = Recorded("bicubic");
        Assert.Contains(0f, wanted);
        AssertViews(wanted, batch, draws, Plain(BicubicSize) with { Interpolation = Interpolation.Bicubic }, 2e-6);
    }

    [Theory]
    [InlineData(120, 90)]
    [InlineData(41, 100)]
    [InlineData(32, 32)]
    public void Evaluation_crops_equal_torchvision(int width, int height)
    {
        var batch = Batch(Picture("evaluation", width, height));
        foreach (var (name, recipe) in
            new[] { ("centre", ViewRecipe.CenterCrop(EvaluationSize)), ("whole", ViewRecipe.WholeImage(EvaluationSize)) })
        {
            var plain = recipe with { Mean = new(0, 0, 0), Std = new(1, 1, 1) };
            AssertViews(Recorded($"{name}/{width}x{height}"), batch, [ViewDraw.For(plain, width, height, 0, 0, 0, 0)], plain, Level);
        }
    }

    [Fact]
    public void Jitter_and_grey_equal_torchvision_in_every_order()
    {
        var batch = Batch([.. JitterDraws.Select((_, i) => Picture($"jitter/{i}", JitterSize, JitterSize))]);
        AssertViews(Recorded("jitter"), batch, [.. JitterDraws], Plain(JitterSize) with { JitterChance = 1 }, 1e-3);
    }

    [Fact]
    public void Blur_is_a_gaussian_with_replicated_edges_and_solarize_inverts_the_upper_half()
    {
        var batch = Batch([.. sigmas.Select((_, i) => Picture($"blur/{i}", BlurSize, BlurSize))]);
        var draws = sigmas.Select(
                (sigma, i) =>
                    new ViewDraw(
                        Placement.Fill(new(0, 0, BlurSize, BlurSize), BlurSize, flip: false))
                    {
                        BlurSigma = sigma,
                        Solarize = i >= SolarizedFrom,
                    })
            .ToArray();
        AssertViews(Recorded("blur"), batch, draws, Plain(BlurSize), 1e-3);
    }

    [Theory]
    [InlineData(150, 100, 64)]
    [InlineData(97, 211, 40)]
    public void Shrinking_equals_Pillow_within_one_level(int width, int height, int side)
    {
        var canvas = Shrinker.Shrink(Picture("shrunk", width, height), side);
        var wanted = recording[$"shrunk/{width}x{height}"];
        Assert.Equal([3, canvas.Height, canvas.Width], wanted.shape);
        var levels = wanted.permute(1, 2, 0).contiguous().data<byte>().ToArray();
        Assert.InRange(levels.Zip(canvas.Rgb.ToArray(), (a, b) => Math.Abs(a - b)).Max(), 0, 1);
    }

    /// <summary>Every order of the steps, each with other factors.</summary>
    private static IReadOnlyList<ViewDraw> JitterDraws { get; } = Jitters();

    private static ViewDraw[] Jitters()
    {
        var rng = CounterRandom.For(3, "test");
        var orders = Permutations([JitterStep.Brightness, JitterStep.Contrast, JitterStep.Saturation, JitterStep.Hue]);
        return [.. orders.Select((order, i) => new ViewDraw(Placement.Fill(new(0, 0, JitterSize, JitterSize), JitterSize, flip: false))
        {
            Order = order,
            Factors = [rng.Between(0.6, 1.4), rng.Between(0.6, 1.4), rng.Between(0, 2)],
            Hue = rng.Between(-0.5, 0.5),
            Gray = i % 6 == 5,
        })];
    }

    /// <summary>Views in [0, 1], flat.</summary>
    private float[] Recorded(string name) =>
        recording[name] is var values && values.dtype == torch.ScalarType.Byte
            ? [.. values.data<byte>().Select(level => level / 255f)]
            : values.data<float>().ToArray();

    private static Image Picture(string name, int width, int height) => new(width, height, Seeded.Picture(name, width, height));

    private static ImageBatch Batch(params Image[] images) => new([.. Enumerable.Range(0, images.Length)], images);

    /// <summary>Channels that are dark or bright at random, where a cubic overshoots.</summary>
    private static Image Extremes(string name, int width, int height)
    {
        var rgb = new byte[3 * width * height];
        for (var i = 0; i < rgb.Length; i++)
        {
            var steps = Seeded.Bits(name, i);
            rgb[i] = (byte)((steps >> 1 & 15) + ((steps & 1) == 1 ? 0u : 240u));
        }
        return new(width, height, rgb);
    }

    private static IEnumerable<int[]> Pairs(IEnumerable<(int Width, int Height)> sizes) =>
        sizes.Select(size => new[] { size.Width, size.Height });

    private static IEnumerable<int[]> Fours(IEnumerable<PixelBox> boxes) =>
        boxes.Select(box => new[] { box.Left, box.Top, box.Width, box.Height });

    private static IEnumerable<JitterStep[]> Permutations(JitterStep[] steps) =>
        steps.Length == 1
            ? [steps]
            : steps.SelectMany(first => Permutations([.. steps.Where(s => s != first)]).Select(rest => (JitterStep[])[first, .. rest]));
}
