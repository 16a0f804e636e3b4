using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Dense.Data;

/// <summary>Where the index masks of images lie.</summary>
/// <param name="Name">What the layout is called.</param>
/// <param name="Source">The images.</param>
/// <param name="Masks">The path of each image's mask, whether it is there or not.</param>
/// <param name="Classes">The classes' names where the layout says them.</param>
/// <param name="Numbers">From the files' numbers to the classes'; null where they are the same.</param>
internal sealed record MaskLayout(
    string Name, ImageFiles Source, string[] Masks, IReadOnlyList<string>? Classes = null, byte[]? Numbers = null)
{
    private const string CityImages = "leftImg8bit", CityMasks = "gtFine";

    private static readonly string[] splits = ["train", "training", "val", "valid", "validation", "test"];

    /// <summary>Finds out.</summary>
    /// <param name="path">A folder of images with its masks beside it (val with valannot, images/val with masks/val, leftImg8bit/val with
    /// gtFine/val), or one above, which stands for its training images; or a set's file of Pascal VOC's ImageSets/Segmentation.</param>
    /// <exception cref="UserException">There are no images, or no masks beside them.</exception>
    public static MaskLayout Find(string path)
    {
        if (File.Exists(path)) return Voc(path);
        if (!Directory.Exists(path)) throw new UserException($"the image folder '{path}' does not exist");
        var voc = Path.Combine(path, "ImageSets", "Segmentation");
        if (Directory.Exists(voc))
            return Voc(new[] { "trainval.txt", "train.txt" }.Select(name => Path.Combine(voc, name)).FirstOrDefault(File.Exists)
            ?? throw new UserException($"'{voc}' has neither trainval.txt nor train.txt; give a set's file"));
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string[] candidates =
        [
            folder, Path.Combine(folder, "train"), Path.Combine(folder, "images", "train"), Path.Combine(folder, "images"),
            Path.Combine(folder, CityImages, "train"),
        ];
        foreach (var images in candidates.Where(Directory.Exists))
            if (MasksOf(images) is var (masks, name)) return name == "Cityscapes" ? City(images, masks) : Beside(images, masks, name);
        throw new UserException(
            $"'{path}': no index masks are beside its images; put those of val/ into valannot/ or those of images/ into masks/, under the same names, or give a folder of Cityscapes' leftImg8bit/");
    }

    /// <summary>The folder of the masks that belong to a folder of images.</summary>
    private static (string Masks, string Name)? MasksOf(string images)
    {
        if (Directory.Exists(images + "annot")) return (images + "annot", "CamVid");
        var (parent, name) = (Path.GetDirectoryName(images), Path.GetFileName(images));
        if (parent is null) return null;
        if (name == "images" && Path.Combine(parent, "masks") is var masks && Directory.Exists(masks)) return (masks, "images and masks");
        if (!splits.Contains(name, StringComparer.Ordinal) || Path.GetDirectoryName(parent) is not { } above) return null;
        var city = Path.Combine(above, CityMasks, name);
        if (Path.GetFileName(parent) == CityImages && Directory.Exists(city)) return (city, "Cityscapes");
        var split = Path.Combine(above, "masks", name);
        return Path.GetFileName(parent) == "images" && Directory.Exists(split) ? (split, "images and masks") : null;
    }

    private static MaskLayout Beside(string images, string masks, string name)
    {
        var source = ImageFolder.Open(images);
        return new(name, source, [.. source.Names.Select(image => Path.Combine(masks, Path.ChangeExtension(image, ".png")))]);
    }

    /// <summary>
    /// Names end in _leftImg8bit.png and _gtFine_labelIds.png, or _gtFine_labelTrainIds.png where somebody has made those of the classes
    /// that count.
    /// </summary>
    private static MaskLayout City(string images, string masks)
    {
        var source = ImageFolder.Open(images);
        var stems = source.Names.Select(
                image =>
                    Path.Combine(
                        masks, Path.ChangeExtension(image, null).Replace("_" + CityImages, "_" + CityMasks, StringComparison.Ordinal)))
            .ToArray();
        var isOfClasses = stems.All(stem => File.Exists(stem + "_labelTrainIds.png"));
        return new(
            "Cityscapes", source, [.. stems.Select(stem => stem + (isOfClasses ? "_labelTrainIds.png" : "_labelIds.png"))],
            Cityscapes.Names, isOfClasses ? null : Cityscapes.Numbers);
    }

    private static MaskLayout Voc(string set)
    {
        if (ImageSource.Open(set) is not ImageFiles source || !source.Layout.StartsWith("Pascal VOC", StringComparison.Ordinal))
            throw new UserException($"{set}: not a set of Pascal VOC's ImageSets/Segmentation; give that or a folder");
        return new(
            "Pascal VOC", source,
            [
                .. source.Paths.Select(
                    image =>
                        Path.Combine(
                            Path.GetDirectoryName(Path.GetDirectoryName(image))!, "SegmentationClass",
                            Path.ChangeExtension(Path.GetFileName(image), ".png"))),
            ]);
    }
}
