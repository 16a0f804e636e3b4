using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Dense.Data;

/// <summary>
/// Images with a class for each pixel. An image whose mask is missing, broken, of another size, or has a number that is no class is left
/// out, counted and told, once for each kind.
/// </summary>
public sealed class SegmentationSet
{
    private readonly MaskLayout layout;
    private readonly int[] items;
    private readonly int most;

    private SegmentationSet(
        ImageStore images, MaskLayout layout, int[] items, IReadOnlyList<string> classes, int voidNumber, IReadOnlyList<string> notes,
        long maxPixels)
    {
        (Images, this.layout, this.items, ClassNames, Void, Notes) = (images, layout, items, classes, voidNumber, notes);
        MaxPixels = maxPixels;
        most = classes.Count;
    }

    /// <summary>All readable images, those left out here too.</summary>
    public ImageStore Images { get; }

    /// <summary>The classes, by their numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The number of pixels that nothing is said of.</summary>
    public int Void { get; }

    /// <summary>What was left out, a line a kind.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>How many images there are.</summary>
    public int Count => items.Length;

    private long MaxPixels { get; }

    /// <summary>What the set calls an image.</summary>
    public string NameOf(int index) => Images.NameOf(items[index]);

    /// <summary>An image's pixels, at its size.</summary>
    public Image Image(int index) => Images.Get([items[index]]).Images[0];

    /// <summary>
    /// An image's classes: each below the number of classes, or <see cref="Void"/>. Read from its file, which holds a hundredth of it.
    /// </summary>
    /// <exception cref="UserException">The file has changed since the set was loaded.</exception>
    public IndexMask Mask(int index)
    {
        var path = layout.Masks[Images.Places[items[index]]];
        var (mask, image) = (Read(path, layout, MaxPixels), Image(index));
        return mask.Width == image.Width && mask.Height == image.Height && mask.Values.All(value => value < most || value == Void)
            ? mask
            : throw new UserException($"{path}: has changed since it was first read; start again");
    }

    /// <summary>Reads a set, and each of its images and masks once.</summary>
    /// <param name="path">A folder of CamVid's layout (val/ and valannot/), of Cityscapes' (leftImg8bit/ and gtFine/), or with images/ and
    /// masks/; or Pascal VOC's folder or a file of its ImageSets/Segmentation.</param>
    /// <param name="options">How; void is 255 in Cityscapes.</param>
    /// <param name="warn">Told of what is left out.</param>
    /// <exception cref="UserException">There is no such set, or nothing in it that can be used.</exception>
    public static SegmentationSet Load(string path, DenseOptions options, Action<string>? warn = null)
    {
        var layout = MaskLayout.Find(path);
        var store = ImageStore.Load(layout.Source, options.WholeImages, warn);
        var names = options.Classes ?? layout.Classes;
        var voidNumber = layout.Classes is null ? options.Void : Cityscapes.Void;
        var found = new (int Most, string? Kind, string Place)[store.Count];
        Workers.For(
            store.Count, store.Workers, i => found[i] = Check(layout, store, i, names?.Count, voidNumber, options.Images.MaxPixels));
        var faults = new Faults();
        foreach (var (_, kind, place) in found)
            if (kind is not null) faults.Add(kind, place);
        int[] items = [.. Enumerable.Range(0, store.Count).Where(i => found[i].Kind is null)];
        // Of masks that are void all over nothing is learnt.
        var most = items.Length == 0 ? -1 : items.Max(i => found[i].Most);
        if (most < 0) throw faults.Refuse(path, "give images with a PNG each of their pixels' classes, of the same size");
        var notes = faults.Lines();
        foreach (var note in notes) warn?.Invoke(note);
        return new(
            store, layout, items, names ?? [.. Enumerable.Range(0, most + 1).Select(number => FormattableString.Invariant($"{number}"))],
            voidNumber, notes, options.Images.MaxPixels);
    }

    /// <summary>The largest class of a mask, -1 where there is none; or what is wrong with it, and where.</summary>
    private static (int Most, string? Kind, string Place) Check(
        MaskLayout layout, ImageStore store, int index, int? classes, int voidNumber, long maxPixels)
    {
        var path = layout.Masks[store.Places[index]];
        try
        {
            if (!Path.Exists(path)) return (-1, "the mask is missing; the image is left out", path);
            var (mask, image) = (Read(path, layout, maxPixels), store.Get([index]).Images[0]);
            if (mask.Width != image.Width || mask.Height != image.Height)
                return (-1, "a mask of another size than the image, which is left out",
                    FormattableString.Invariant($"{path} ({mask.Width} x {mask.Height}, not {image.Width} x {image.Height})"));
            var most = -1;
            foreach (var value in mask.Values)
                if (value != voidNumber) most = Math.Max(most, value);
            return classes <= most
                ? (-1,
                    FormattableString.Invariant(
                        $"a number that is none of the {classes} classes nor {voidNumber} for void; the image is left out"),
                    FormattableString.Invariant($"{path} ({most})"))
                : (most, null, path);
        }
        catch (UserException e)
        {
            return (-1, "the image is left out", e.Message);
        }
    }

    private static IndexMask Read(string path, MaskLayout layout, long maxPixels)
    {
        var mask = IndexPng.Read(path, maxPixels);
        if (layout.Numbers is { } numbers)
            for (var i = 0; i < mask.Values.Length; i++) mask.Values[i] = numbers[mask.Values[i]];
        return mask;
    }
}
