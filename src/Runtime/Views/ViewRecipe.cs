using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// How a view is made from an image, in torchvision's terms: crop, flip, colour jitter, grey, blur, solarise, normalise, in that order.
/// </summary>
/// <remarks>Colours are not rounded to 8 bits between the operations, as they are in a pipeline of Pillow images.</remarks>
public sealed record ViewRecipe
{
    /// <summary>The mean of ImageNet's images by channel, of values in [0, 1].</summary>
    public static Channels ImageNetMean => PixelRule.ImageNet.Mean;

    /// <summary>Their standard deviation.</summary>
    public static Channels ImageNetStd => PixelRule.ImageNet.Deviation;

    /// <summary>The side of the square view in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Which part of the image is shown.</summary>
    public CropRule Crop { get; init; } = CropRule.RandomResized;

    /// <summary>The crop's share of the image's area, uniform.</summary>
    public Interval Area { get; init; } = new(0.2, 1);

    /// <summary>The crop's width over its height, log-uniform.</summary>
    public Interval Aspect { get; init; } = new(3.0 / 4, 4.0 / 3);

    /// <summary>How the crop is resized.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bilinear;

    /// <summary>Probability of a mirror image, left to right.</summary>
    public double FlipChance { get; init; }

    /// <summary>Probability that the four jitters below are applied, in an order drawn for each image.</summary>
    public double JitterChance { get; init; }

    /// <summary>The image times a factor from [1 - b, 1 + b], not below 0.</summary>
    public double Brightness { get; init; }

    /// <summary>A blend with the image's mean grey; the image's share is from [1 - c, 1 + c], not below 0.</summary>
    public double Contrast { get; init; }

    /// <summary>A blend with the grey image; the image's share is from [1 - s, 1 + s], not below 0.</summary>
    public double Saturation { get; init; }

    /// <summary>A turn of the colour circle by a share of it from [-h, h]; at most 0.5.</summary>
    public double Hue { get; init; }

    /// <summary>Probability of a grey view.</summary>
    public double GrayChance { get; init; }

    /// <summary>Probability of a Gaussian blur.</summary>
    public double BlurChance { get; init; }

    /// <summary>The blur's standard deviation in pixels of the view, uniform.</summary>
    public Interval BlurSigma { get; init; } = new(0.1, 2);

    /// <summary>Probability that values of one half and more are inverted.</summary>
    public double SolarizeChance { get; init; }

    /// <summary>
    /// With the chance of the jitters, each band times a factor of its own from [1 - g, 1 + g], about its mean: what jitter is to bands
    /// that are no colours. After <see cref="Mean"/> and <see cref="Std"/>, so that it does not depend on the band's range.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double BandGain { get; init; }

    /// <summary>With the same chance, normal noise on every value, of a deviation from [0, n] of the band's own, uniform.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double BandNoise { get; init; }

    /// <summary>Per channel, subtracted from values in [0, 1]; ImageNet's by default.</summary>
    public Channels Mean { get; init; } = ImageNetMean;

    /// <summary>Per channel, divides after <see cref="Mean"/> is subtracted; ImageNet's by default.</summary>
    public Channels Std { get; init; } = ImageNetStd;

    /// <summary>
    /// The augmentation of MoCo v2, for both views. Its blur of 0.1 to 2 pixels belongs to 224-pixel views; smaller ones get it in
    /// proportion, because at 32 pixels it would leave no texture (which is why MoCo's own recipe for CIFAR has none).
    /// </summary>
    public static ViewRecipe MoCoV2(int size) => new()
    {
        Size = size,
        FlipChance = 0.5,
        JitterChance = 0.8,
        Brightness = 0.4,
        Contrast = 0.4,
        Saturation = 0.4,
        Hue = 0.1,
        GrayChance = 0.2,
        BlurChance = 0.5,
        BlurSigma = new(0.1 * Math.Min(size, 224) / 224, 2.0 * Math.Min(size, 224) / 224),
    };

    /// <summary>SimCLR's augmentation with colour strength 1, which SwAV took over; blur as in <see cref="MoCoV2"/>.</summary>
    public static ViewRecipe SimClr(int size) =>
        MoCoV2(size) with { Area = new(0.08, 1), Brightness = 0.8, Contrast = 0.8, Saturation = 0.8, Hue = 0.2 };

    /// <summary>
    /// BYOL's augmentation, which DINO took over: its two views differ in how often they are blurred and solarised. Blur as in
    /// <see cref="MoCoV2"/>.
    /// </summary>
    public static ViewRecipe Byol(int size, double blur, double solarize) => MoCoV2(size) with
    {
        Area = new(0.08, 1),
        Interpolation = Interpolation.Bicubic,
        Saturation = 0.2,
        BlurChance = blur,
        SolarizeChance = solarize,
    };

    /// <summary>A random resized crop and a flip alone: the teacher's view in ReSSL, and supervised training's.</summary>
    public static ViewRecipe Weak(int size) => new() { Size = size, FlipChance = 0.5 };

    /// <summary>The middle of the image, nothing random: evaluation, and search for dense tasks.</summary>
    public static ViewRecipe CenterCrop(int size) => new() { Size = size, Crop = CropRule.Center };

    /// <summary>The whole image squeezed into a square, nothing random.</summary>
    public static ViewRecipe WholeImage(int size) => new() { Size = size, Crop = CropRule.Whole };

    /// <summary>The noise that goes with a gain that takes the place of brightness.</summary>
    private const double UsualNoise = 0.1;

    /// <summary>
    /// The recipe for pixels of some format: itself where they are red, green and blue of 8 bits by ImageNet's statistics. Of one band that
    /// stays of the colours which makes sense (brightness, contrast and solarise), of others than one or three nothing does; gain and noise
    /// take its place, the gain half as strong as brightness was.
    /// </summary>
    /// <param name="pixels">Of the pictures.</param>
    public ViewRecipe For(PixelRule pixels)
    {
        if (pixels.IsImageNet) return this;
        var recipe = this with { Mean = pixels.Mean, Std = pixels.Deviation };
        if (pixels.Format.Bands == 3) return recipe;
        recipe = recipe with { Saturation = 0, Hue = 0, GrayChance = 0 };
        if (pixels.Format.Bands == 1) return recipe;
        return recipe with
        {
            Brightness = 0,
            Contrast = 0,
            SolarizeChance = 0,
            BandGain = Math.Min(Brightness / 2, ViewBounds.Gain.To),
            BandNoise = Brightness > 0 ? UsualNoise : 0,
        };
    }

    /// <summary>Refuses values that describe no view.</summary>
    /// <exception cref="UserException">A size, chance, strength or range is out of bounds.</exception>
    public void Check() => Check("view recipe");

    /// <summary>The same, with the place of the recipe in the message.</summary>
    internal void Check(string place)
    {
        Require(Size > 0, $"the view size {Size} must be positive");
        Within("view size", ViewBounds.Size, Size);
        Ordered("crop area", ViewBounds.Area, Area);
        Ordered("crop aspect", ViewBounds.Aspect, Aspect);
        Ordered("blur sigma", ViewBounds.Sigma, BlurSigma);
        Within("hue jitter", ViewBounds.Hue, Hue);
        Within("brightness jitter", ViewBounds.Strength, Brightness);
        Within("contrast jitter", ViewBounds.Strength, Contrast);
        Within("saturation jitter", ViewBounds.Strength, Saturation);
        foreach (var mean in Mean.Values.ToArray()) Within("mean of a channel", ViewBounds.Mean, mean);
        foreach (var deviation in Std.Values.ToArray()) Within("standard deviation of a channel", ViewBounds.Deviation, deviation);
        Require(Mean.Count == Std.Count && Mean.Count > 0, $"the means {Mean} and deviations {Std} are not of the same channels");
        Within("band gain", ViewBounds.Gain, BandGain);
        Within("band noise", ViewBounds.Noise, BandNoise);
        foreach (var chance in new[] { FlipChance, JitterChance, GrayChance, BlurChance, SolarizeChance })
            Within("probability", ViewBounds.Chance, chance);
        Require(Enum.IsDefined(Crop), $"there is no crop {Crop}");
        Require(Enum.IsDefined(Interpolation), $"there is no interpolation {Interpolation}");

        void Within<T>(string name, Bounds<T> bounds, T value) where T : struct, INumber<T>, IMinMaxValue<T>
        {
            Require(
                bounds.Holds(value),
                FormattableString.Invariant($"the {name} {value} must lie in {(bounds.IsAbove ? '(' : '[')}{bounds.From}, {bounds.To}]"));
        }

        void Ordered(string name, Bounds<double> bounds, Interval interval)
        {
            Within(name, bounds, interval.Low);
            Within(name, bounds, interval.High);
            Require(interval.IsOrdered, $"the {name} {interval} must be ordered");
        }

        void Require(bool holds, string message)
        {
            if (!holds) throw new UserException($"{place}: {message}");
        }
    }
}

/// <summary>Which part of an image a view shows.</summary>
public enum CropRule
{
    /// <summary>A random area and aspect ratio at a random place, squeezed into the square (torchvision's RandomResizedCrop).</summary>
    RandomResized,

    /// <summary>The middle square, after the short side is resized to 256/224 of the view's (the usual evaluation).</summary>
    Center,

    /// <summary>
    /// The whole image squeezed into the square; a longer or flatter image than the recipe's aspect range loses its ends. This is what a
    /// random resized crop of area (1, 1) comes to, the released search pipeline for classification.
    /// </summary>
    Whole,
}

/// <summary>An interval that values are drawn from.</summary>
public readonly record struct Interval(double Low, double High)
{
    internal bool IsOrdered => Low <= High;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Low}, {High})");
}
