using System.Globalization;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Images in a fixed order, perhaps with one class each. Only names are read at first: <see cref="ImageStore"/> finds out whether they
/// decode.
/// </summary>
public abstract class ImageSource
{
    private readonly Lazy<(string Fingerprint, UInt128?[] Contents)> contents;
    private readonly Lazy<IReadOnlyList<(int Copy, int First)>> copies;

    private protected ImageSource(string root, string layout, IReadOnlyList<string> names, int[]? labels, IReadOnlyList<string> classNames)
    {
        (Root, Layout, Names, Labels, ClassNames) = (root, layout, names, labels, classNames);
        contents = new(Read);
        copies = new(FindCopies);
    }

    /// <summary>The folder or file as it was given.</summary>
    public string Root { get; }

    /// <summary>What was found there, such as "folder" or "Pascal VOC, trainval".</summary>
    public string Layout { get; }

    /// <summary>The number of images, at least 1.</summary>
    public int Count => Names.Count;

    /// <summary>The images' names within the source, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Where an image lies, as a full path; where it has no file of its own, its name.</summary>
    public virtual string PathOf(int index) => Names[index];

    /// <summary>The class of every image as an index into <see cref="ClassNames"/>; null when there are no classes.</summary>
    public int[]? Labels { get; }

    /// <summary>The classes' names; empty when there are none.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What was left out, or taken for something that it may not be, when the source was listed: one line each.</summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    /// <summary>Why there are no classes, where the layout nearly has them.</summary>
    public string? WhyNoClasses { get; internal init; }

    /// <summary>
    /// SHA-256 (lower-case hex) over every name and the whole content of every image: two sources with the same value hold the same images
    /// under the same names. A file that cannot be read counts as that. Read on first use, in parallel: about as long as reading the files
    /// once.
    /// </summary>
    public string Fingerprint => contents.Value.Fingerprint;

    /// <summary>The images that are copies of earlier ones of this source, byte by byte, each with the first of them.</summary>
    public IReadOnlyList<(int Copy, int First)> Copies() => copies.Value;

    /// <summary>
    /// This source without the images that are copies of earlier ones: each counts once, as is right for whoever reckons from how images
    /// differ.
    /// </summary>
    public ImageSource WithoutCopies()
    {
        if (Copies() is not { Count: > 0 } copies) return this;
        var left = copies.Select(image => image.Copy).ToHashSet();
        return Select([.. Enumerable.Range(0, Count).Where(image => !left.Contains(image))]);
    }

    /// <summary>The images that are copies of another source's, byte by byte, each with the first of those.</summary>
    public IReadOnlyList<(int Copy, int Other)> CopiesOf(ImageSource other)
    {
        var theirs = new Dictionary<UInt128, int>(other.Count);
        foreach (var (index, content) in other.contents.Value.Contents.Index())
            if (content is { } some) theirs.TryAdd(some, index);
        return
        [
            .. contents.Value.Contents.Index().Where(image => image.Item is { } content && theirs.ContainsKey(content))
                .Select(image => (image.Index, theirs[image.Item!.Value])),
        ];
    }

    /// <summary>
    /// Whatever <paramref name="path"/> holds: CIFAR's binary files, Pascal VOC, COCO or a folder of images; or a list file, one of CIFAR's
    /// files, a set of VOC's or an annotation file of COCO's.
    /// </summary>
    /// <exception cref="UserException">There is nothing, nothing that holds images, or something damaged.</exception>
    public static ImageSource Open(string path)
    {
        try
        {
            if (CifarBinary.Is(path)) return CifarBinary.Open(path);
            if (PascalVoc.Is(path)) return PascalVoc.Open(path);
            if (Coco.Is(path)) return Coco.Open(path);
            return ImageList.Is(path) ? ImageList.Open(path) : ImageFolder.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the images of '{path}': {e.Message}", e);
        }
    }

    /// <summary>
    /// A uniform draw of at most <paramref name="count"/> of the images, in this source's order; the same for the same seed.
    /// </summary>
    public ImageSource Sample(int count, long seed)
    {
        if (count >= Count) return this;
        return Select([.. CounterRandom.For((ulong)seed, "sample", count).Permutation(Count).Take(count).Order()]);
    }

    /// <summary>The images of some classes alone, whose numbers are then those of their order here.</summary>
    /// <param name="names">Of them.</param>
    /// <exception cref="UserException">There are no classes, or none of such a name.</exception>
    public ImageSource OfClasses(IReadOnlyList<string> names)
    {
        if (Labels is not { } labels) throw new UserException($"{Root}: has no classes, of which some could be chosen");
        if (names.FirstOrDefault(name => !ClassNames.Contains(name)) is { } unknown)
            throw new UserException($"{Root}: has no class '{unknown}'; there are {string.Join(", ", ClassNames)}");
        string[] chosen = [.. ClassNames.Where(names.Contains)];
        var number = Array.ConvertAll([.. ClassNames], name => Array.IndexOf(chosen, name));
        int[] places = [.. Enumerable.Range(0, Count).Where(image => number[labels[image]] >= 0)];
        return places.Length > 0
            ? new ChosenImages(this, places, Array.ConvertAll(places, image => number[labels[image]]), chosen)
            : throw new UserException($"{Root}: holds no image of {string.Join(", ", names)}");
    }

    /// <summary>Rectangles of this store's images, each as an image of its own and of one class.</summary>
    /// <param name="images">Whole images, of every pixel.</param>
    /// <param name="cuts">Where they are: an image's index in the store, the rectangle within it, and its class.</param>
    /// <param name="classNames">The classes.</param>
    /// <exception cref="UserException">There is none.</exception>
    public static ImageSource Cut(
        ImageStore images, IReadOnlyList<(int Image, PixelBox Box, int Label)> cuts, IReadOnlyList<string> classNames) =>
        cuts.Count > 0
            ? CutImages.Of(images, cuts, classNames)
            : throw new UserException($"{images.Source.Root}: has no boxes to cut images from");

    /// <summary>
    /// The same pictures in tiles, each of which is an image of its own under its picture's class; those of background are left out, and
    /// counted in a note. Every picture is decoded once for that.
    /// </summary>
    /// <param name="rule">How they are cut.</param>
    /// <param name="how">What is read of each picture, within which limits, and on how many threads.</param>
    /// <exception cref="UserException">The images have no files of their own, or all tiles are background.</exception>
    public ImageSource Tiled(TileRule rule, ImageStoreOptions how) => this is ImageFiles files
        ? TiledImages.Of(files, rule, how)
        : throw new UserException($"{Root}: tiles are cut of pictures in files of their own, and this is {Layout}; leave --tiles away");

    /// <summary>
    /// Whether every image whose header can be read has more than 8 bits a band, and one can; found out no further than to the first that
    /// has not.
    /// </summary>
    public bool IsDeep()
    {
        var (isDeep, isShallow) = (0, 0);
        Parallel.For(0, Count, (image, state) =>
        {
            var bits = BitsOf(image);
            if (bits > 8) Interlocked.Exchange(ref isDeep, 1);
            else if (bits is not null)
            {
                Interlocked.Exchange(ref isShallow, 1);
                state.Stop();
            }
        });
        return isDeep == 1 && isShallow == 0;
    }

    /// <summary>Bits of a band of an image, as its header says; null where that cannot be read.</summary>
    internal virtual int? BitsOf(int index) => 8;

    /// <summary>Columns and rows of an image as stored; null where nobody knows before it is decoded.</summary>
    internal virtual (long Width, long Height)? SizeOf(int index) => null;

    /// <summary>A number that images have in common, side by side, which are best decoded one after another by one thread.</summary>
    internal virtual int RunOf(int index) => index;

    /// <summary>Does something with some of the images that lie side by side, those of a run one after another.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="workers">Threads, at the most.</param>
    /// <param name="body">Does one, by its number.</param>
    /// <param name="cancellation">Ends the loop before all are done.</param>
    internal void InRuns(int first, int count, int workers, Action<int> body, CancellationToken cancellation)
    {
        var starts = Enumerable.Range(first, count).Where(i => i == first || RunOf(i) != RunOf(i - 1)).Append(first + count).ToArray();
        Workers.For(starts.Length - 1, workers, run =>
        {
            for (var i = starts[run]; i < starts[run + 1]; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                body(i);
            }
        }, cancellation);
    }

    /// <summary>Decodes one image.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="reader">How files are read.</param>
    /// <exception cref="UserException">It is missing, unreadable, damaged or too large.</exception>
    internal abstract DecodedImage Decode(int index, ImageReader reader);

    private protected abstract ImageSource Select(int[] indices);

    /// <summary>SHA-256 (lower-case hex) of the content of every image; null for one that cannot be read.</summary>
    internal abstract string?[] ReadContents();

    private IReadOnlyList<(int Copy, int First)> FindCopies()
    {
        var first = new Dictionary<UInt128, int>(Count);
        return
        [
            .. contents.Value.Contents.Index().Where(image => image.Item is { } content && !first.TryAdd(content, image.Index))
                .Select(image => (image.Index, first[image.Item!.Value])),
        ];
    }

    private (string Fingerprint, UInt128?[] Contents) Read()
    {
        var hashes = ReadContents();
        return (ContentHash.OfSet(hashes, Names),
            Array.ConvertAll(
                hashes,
                hash =>
                    hash is null
                        ? null
                        : (UInt128?)UInt128.Parse(hash.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
    }
}
