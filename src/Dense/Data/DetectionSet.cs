using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Dense.Data;

/// <summary>
/// Images with marked objects: Pascal VOC's layout, COCO's, or YOLO's. An annotation that cannot be right (outside of the image, of no
/// area, of an unknown class, a broken polygon) is skipped, counted and told, once for each kind; an image whose file of annotations is
/// missing or broken is left out, since nobody knows what is on it.
/// </summary>
public sealed class DetectionSet
{
    /// <summary>
    /// By how many pixels a box or polygon may reach over the image's edge: rounding of the programs that mark. It is cut there.
    /// </summary>
    internal const double Slack = 1;

    private const string Mend = "give a set of Pascal VOC's layout (Annotations/*.xml), an annotation file of COCO's, or images with "
        + "YOLO's .txt files";

    private readonly (int Image, LabelledObject[] Objects)[] items;

    private DetectionSet(
        ImageStore images, IReadOnlyList<string> classes, (int, LabelledObject[])[] items, IReadOnlyList<string> notes, int skipped,
        IReadOnlyList<string> unknown) =>
        (Images, ClassNames, this.items, Notes, Skipped, UnknownClasses) = (images, classes, items, notes, skipped, unknown);

    /// <summary>All readable images, those left out here too.</summary>
    public ImageStore Images { get; }

    /// <summary>The classes, by their numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Classes that objects are marked with and that are none of <see cref="ClassNames"/>: those objects are skipped.</summary>
    public IReadOnlyList<string> UnknownClasses { get; }

    /// <summary>How many images there are.</summary>
    public int Count => items.Length;

    /// <summary>How many annotations are skipped, and files of them.</summary>
    public int Skipped { get; }

    /// <summary>What was skipped, a line a kind.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Where an image is in <see cref="Images"/>.</summary>
    public int ImageOf(int index) => items[index].Image;

    /// <summary>What the set calls an image.</summary>
    public string NameOf(int index) => Images.NameOf(items[index].Image);

    /// <summary>What is marked on an image, in the file's order.</summary>
    public IReadOnlyList<LabelledObject> Objects(int index) => items[index].Objects;

    /// <summary>An image's pixels, at its size.</summary>
    public Image Image(int index) => Images.Get([items[index].Image]).Images[0];

    /// <summary>Reads a set, and each of its images once.</summary>
    /// <param name="path">As <see cref="ImageSource.Open"/> takes it: a folder of VOC's or a file of its ImageSets, COCO's folder or an
    /// annotation file, or a folder of images with YOLO's text files.</param>
    /// <param name="options">How.</param>
    /// <param name="warn">Told of what is skipped.</param>
    /// <exception cref="UserException">There is no such set, or nothing in it that can be used.</exception>
    public static DetectionSet Load(string path, DenseOptions options, Action<string>? warn = null)
    {
        var faults = new Faults();
        var (source, classes, marked) = Open(path, options, faults);
        var known = classes.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        var store = ImageStore.Load(source, options.WholeImages, warn);
        var found = new (MarkedImage? Marks, LabelledObject[]? Objects, List<(string Kind, string Place)> Faults)[store.Count];
        Workers.For(store.Count, store.Workers, i =>
        {
            found[i].Faults = [];
            if (marked[store.Places[i]] is not { } marks) return;
            var image = store.Get([i]).Images[0];
            found[i].Objects = Check(marks, image.Width, image.Height, known, options, (kind, place) => found[i].Faults.Add((kind, place)));
        });
        // In the images' order, whoever was first.
        foreach (var image in found)
            foreach (var (kind, place) in image.Faults) faults.Add(kind, place);
        var items = found.Index().Where(image => image.Item.Objects is not null).Select(image => (image.Index, image.Item.Objects!))
            .ToArray();
        if (!items.Any(item => item.Item2.Length > 0)) throw faults.Refuse(path, Mend);
        var notes = faults.Lines();
        foreach (var note in notes) warn?.Invoke(note);
        string[] unknown =
        [
            .. marked.OfType<MarkedImage>().SelectMany(image => image.Objects).Select(item => item.Class)
                .Where(name => !known.ContainsKey(name)).Distinct().Order(StringComparer.Ordinal),
        ];
        return new(store, classes, items, notes, faults.Count, unknown);
    }

    private static (ImageFiles Source, IReadOnlyList<string> Classes, MarkedImage
        ?[] Marks) Open(string path, DenseOptions options, Faults faults)
    {
        if (ImageSource.Open(ImagesOf(path)) is not ImageFiles source) throw new UserException($"{path}: holds no marked objects; {Mend}");
        if (source.Layout.StartsWith("COCO", StringComparison.Ordinal))
        {
            var file = CocoAnnotations.Read(CocoFile(path, source.Layout), options.WithMasks, faults);
            return (source, options.Classes ?? file.Classes, [.. source.Names.Select(file.Of)]);
        }
        if (source.Layout.StartsWith("Pascal VOC", StringComparison.Ordinal))
        {
            var marks = Array.ConvertAll([.. source.Paths], image => Whole(() => VocAnnotations.Read(VocFile(image), faults), faults));
            return (source, options.Classes
                ?? [
                        .. marks.OfType<MarkedImage>().SelectMany(image => image.Objects).Select(marked => marked.Class).Distinct()
                            .Order(StringComparer.Ordinal)],
                    marks);
        }
        var names = options.Classes ?? YoloAnnotations.Classes(path);
        return (source, names,
            Array.ConvertAll(
                [.. source.Paths], image => Whole(() => YoloAnnotations.Read(YoloAnnotations.FileOf(image), names, faults), faults)));
    }

    /// <summary>YOLO keeps labels/ beside images/.</summary>
    private static string ImagesOf(string path) =>
        Directory.Exists(Path.Combine(path, "labels")) && Path.Combine(path, "images") is var images && Directory.Exists(images)
            ? Directory.Exists(Path.Combine(images, "train")) ? Path.Combine(images, "train") : images : path;

    /// <summary>The annotation file that a folder stands for is named by what was found there.</summary>
    private static string CocoFile(string path, string layout) =>
        File.Exists(path) ? path : Path.Combine(path, "annotations", layout["COCO, ".Length..] + ".json");

    private static string VocFile(string image) =>
        Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(image))!, "Annotations", Path.ChangeExtension(Path.GetFileName(image), ".xml"));

    private static MarkedImage? Whole(Func<MarkedImage> read, Faults faults)
    {
        try
        {
            return read();
        }
        catch (UserException e)
        {
            faults.Add("the image is left out", e.Message);
            return null;
        }
    }

    /// <summary>What an image's annotations are worth; null where they are another image's.</summary>
    private static LabelledObject[]? Check(
        MarkedImage marks, int width, int height, Dictionary<string, int> classes, DenseOptions options, Action<string, string> fault)
    {
        if (marks.Size is var (saidWidth, saidHeight) && (saidWidth != width || saidHeight != height))
        {
            fault(
                "says another size than its image has; the image is left out",
                FormattableString.Invariant($"{marks.Place} ({saidWidth} x {saidHeight}, not {width} x {height})"));
            return null;
        }
        var objects = new List<LabelledObject>(marks.Objects.Count);
        foreach (var marked in marks.Objects)
        {
            try
            {
                objects.Add(Check(marked, marks.IsRelative, width, height, classes, options));
            }
            catch (InvalidDataException e)
            {
                fault(e.Message, $"{marked.Place} ('{(marked.Class.Length > 40 ? marked.Class[..40] + "..." : marked.Class)}')");
            }
        }
        return [.. objects];
    }

    private static LabelledObject Check(
        Marked marked, bool isRelative, int width, int height, Dictionary<string, int> classes, DenseOptions options)
    {
        if (!classes.TryGetValue(marked.Class, out var number)) throw new InvalidDataException("of an unknown class");
        var box = isRelative
            ? new(marked.Box.Left * width, marked.Box.Top * height, marked.Box.Width * width, marked.Box.Height * height)
            : marked.Box;
        if (!(box.Width > 0 && box.Height > 0)) throw new InvalidDataException("a box of no area");
        if (!(box.Left >= -Slack && box.Top >= -Slack && box.Right <= width + Slack && box.Bottom <= height + Slack))
            throw new InvalidDataException("a box that reaches outside of the image");
        box = box.Inside(width, height);
        if (!(box.Width > 0 && box.Height > 0)) throw new InvalidDataException("a box of no area");
        if (!options.WithMasks) return new(number, box, marked.Area ?? box.Area, null, marked.IsCrowd, marked.IsDifficult);
        var mask = marked.Mask?.Invoke(height, width) ?? throw new InvalidDataException("no mask");
        if (mask.Area == 0) throw new InvalidDataException("a mask without a pixel");
        return new(number, box, marked.Area ?? mask.Area, mask, marked.IsCrowd, marked.IsDifficult);
    }
}
