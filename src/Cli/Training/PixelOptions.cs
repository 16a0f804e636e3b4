using System.CommandLine;
using DataSsl.Cli.Recipes;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli.Training;

/// <summary>What a new run reads of each picture, and what it normalises by.</summary>
internal sealed class PixelOptions
{
    private const string ImageNet = RecipeText.ByImageNet, Own = RecipeText.ByData;

    public readonly Option<string?> Normalise = Words(
        "--normalise",
        "Mean and deviation that bands are normalised by: ImageNet's, or those of --data. Default: imagenet for red, green and blue of 8 "
            + "bits, otherwise data.", ImageNet, Own);

    public readonly Option<string?> Depth = Words(
        "--depth",
        "Bits that are read of each band; 8 of a deeper picture are its high byte. Default: 16 where all of --data have more than 8.", "8",
        "16");

    public IEnumerable<Option> All => [Normalise, Depth];

    /// <summary>What is read of the pictures, by ImageNet's statistics until their own are measured.</summary>
    /// <exception cref="UserException">ImageNet's are asked for of other than three bands.</exception>
    public PixelFormat Format(ParseResult parsed, SearchSpace space, ImageSource source)
    {
        if (parsed.GetValue(Normalise) == ImageNet && space.InputChannels != 3)
            throw new UserException(
                $"--normalise {ImageNet}: of red, green and blue, and {space.Name} takes images of {Wording.Count(space.InputChannels, "band")}; leave it out");
        return new(space.InputChannels, parsed.GetValue(Depth) is { } depth ? depth == "16" ? 16 : 8 : source.IsDeep() ? 16 : 8);
    }

    /// <summary>Whether the images are to be normalised by their own statistics.</summary>
    public bool IsOwn(ParseResult parsed, PixelFormat format) =>
        parsed.GetValue(Normalise) is { } word ? word == Own : format != PixelFormat.Rgb;

    /// <summary>Images of a format, normalised as is asked for; says by what.</summary>
    /// <param name="load">Loads them by a rule.</param>
    public ImageStore Load(ParseResult parsed, PixelFormat format, Func<PixelRule, ImageStore> load)
    {
        if (!IsOwn(parsed, format)) return load(PixelRule.ImageNet with { Format = format });
        var images = load(PixelRule.Plain(format));
        var (mean, deviation) = PixelStatistics.Of(images);
        images = images.Normalised(mean, deviation);
        Notices.Tell($"pixels: {images.Pixels} ({Wording.Count(images.Count, "image")} of {images.Source.Root})");
        return images;
    }

    private static Option<string?> Words(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', words) };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
