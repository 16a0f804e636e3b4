using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;
using static TorchSharp.torch;

namespace DataSsl.Jobs.DataChecks;

/// <summary>Looks at a set of images before anything is trained on it.</summary>
/// <param name="Data">The images that are to be learnt from.</param>
/// <param name="Test">Those to test on; null for none.</param>
/// <param name="MinSide">Pixels of the short side below which an image is tiny.</param>
/// <param name="Keep">Words of what stays in the list all the same.</param>
internal sealed record DataCheckJob(string Data, string? Test, int MinSide, IReadOnlySet<string> Keep)
{
    /// <summary>Of several images of one picture all but the first.</summary>
    public const string Copies = "copies";

    /// <summary>Images of a picture that a test image shows.</summary>
    public const string Leaks = "leaks";

    /// <summary>Nearest images by embedding that each is laid on: one that shows the same picture is mostly among them.</summary>
    public const int Neighbours = 20;

    /// <summary>A network for a second opinion; null for none.</summary>
    public CheckNetwork? Network { get; init; }

    /// <summary>How pictures are cut into images; null for each as one.</summary>
    public TileRule? Tiles { get; init; }

    /// <summary>Makes room for the answer: done when all that is given is known to be there, and before work is spent on it.</summary>
    public Action? MakeRoom { get; init; }

    /// <summary>All that may be kept.</summary>
    public static IReadOnlyList<string> Words { get; } = [Copies, Leaks, .. Enum.GetValues<ImageFault>().Select(Word)];

    /// <exception cref="UserException">There are no images, or none that can be read.</exception>
    public DataCheckResult Run(CancellationToken cancellation)
    {
        var stores = new List<ImageStore>();
        var unreadable = new List<string>();
        var listed = Array.ConvertAll(Test is null ? (string[])[Data] : [Data, Test], ImageSource.Open);
        MakeRoom?.Invoke();
        foreach (var whole in listed)
        {
            var source = Images.Cut(whole, Tiles, PixelFormat.Rgb);
            foreach (var note in source.Notes) Notices.Tell($"{note}");
            var read = new ProgressLine(source.Count, "images read");
            stores.Add(ImageStore.Load(source, Kept(), unreadable.Add, read.Report, cancellation));
        }
        var progress = new ProgressLine(stores.Sum(store => store.Count), "images compared");
        var check = DataCheck.Of(stores, MinSide, progress.Report, cancellation);
        if (Network is not null && stores.Sum(store => store.Count) > 1)
        {
            var looked = new ProgressLine(stores.Sum(store => store.Count), "images laid on their nearest");
            check = check.With(stores, Network.Alike(stores, Neighbours), looked.Report, cancellation);
        }
        return new(this, stores, unreadable, check, Clean(stores, check));
    }

    /// <summary>How images are kept: as large as is looked at.</summary>
    private ImageStoreOptions Kept()
    {
        var options = new ImageStoreOptions { Canvas = DataCheck.Canvas, MaxPixels = Images.MaxPixels, Workers = get_num_threads() };
        return Network is null
            ? options
            : options with { Canvas = Math.Max(DataCheck.FineCanvas, Network.Source.Size * 3 / 2), Pixels = Network.Source.Pixels };
    }

    /// <summary>Those of the data that stay, by their places in the store.</summary>
    private IReadOnlyList<int> Clean(IReadOnlyList<ImageStore> stores, DataCheck check)
    {
        var count = stores[0].Count;
        var left = new HashSet<int>(check.Faults.Where(each => !Keep.Contains(Word(each.Fault))).Select(each => each.Image));
        foreach (var group in check.Groups)
        {
            var own = group.Members.Where(image => image < count).ToList();
            if (!Keep.Contains(Leaks) && own.Count < group.Members.Count) left.UnionWith(own);
            // The first that has no other fault stands for all.
            if (!Keep.Contains(Copies)) left.UnionWith(own.OrderBy(image => left.Contains(image)).Skip(1));
        }
        return [.. Enumerable.Range(0, count).Where(image => !left.Contains(image))];
    }

    /// <summary>As the command line says it.</summary>
    public static string Word(ImageFault fault) => fault.ToString().ToLowerInvariant();
}
