using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Similarity;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;
using static TorchSharp.torch;

namespace DataSsl.Cli.DataChecks;

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

    /// <summary>Groups and images of each kind that the page shows at most.</summary>
    private const int Shown = 100;

    /// <summary>All that may be kept.</summary>
    public static IReadOnlyList<string> Words { get; } = [Copies, Leaks, .. Enum.GetValues<ImageFault>().Select(Word)];

    public static Option<string> TestOption() => new("--test")
    {
        Description = "Images to test on later: those that --data holds too are told.",
        HelpName = "PATH",
    };

    public static Option<string> KeepOption() => new("--keep")
    {
        Description = $"What stays in clean.txt all the same, comma-separated: {string.Join(", ", Words)}.",
        HelpName = "LIST",
    };

    /// <exception cref="UserException">There are no images, or none that can be read.</exception>
    public DataCheckResult Run(CancellationToken cancellation)
    {
        var stores = new List<ImageStore>();
        var unreadable = new List<string>();
        foreach (var path in Test is null ? (string[])[Data] : [Data, Test])
        {
            var source = ImageSource.Open(path);
            foreach (var note in source.Notes) Output.Progress($"{note}");
            var read = new ProgressLine(source.Count, "images read");
            stores.Add(
                ImageStore.Load(
                    source, new() { Canvas = DataCheck.Canvas, MaxPixels = Images.MaxPixels, Workers = get_num_threads() },
                    unreadable.Add, read.Report, cancellation));
        }
        var progress = new ProgressLine(stores.Sum(store => store.Count), "images compared");
        var check = DataCheck.Of(stores, MinSide, progress.Report, cancellation);
        return new(this, stores, unreadable, check, Kept(stores, check));
    }

    /// <summary>Those of the data that stay, by their places in the store.</summary>
    private IReadOnlyList<int> Kept(IReadOnlyList<ImageStore> stores, DataCheck check)
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

    /// <summary>The page: pictures of the groups, then those of each fault.</summary>
    public static SimilarResult Pictures(DataCheckResult result)
    {
        Picture Of(int image, string text)
        {
            var store = result.StoreOf(image, out var own);
            return new(store, own, text);
        }
        string Set(int image) => image < result.Stores[0].Count ? "" : "test: ";
        var rows = new List<PictureRow>();
        foreach (var (number, group) in result.Check.Groups.Take(Shown).Index())
            rows.Add(
                new(
                    number > 0
                        ? ""
                        : $"The same picture several times: {Output.Count(result.Check.Groups.Count, "group")}{First(result.Check.Groups.Count)}",
                    Of(group.Members[0], $"{Set(group.Members[0])}first"),
                    [.. group.Members.Skip(1).Take(Shown).Select(image => Of(image, Set(image) + HowOf(group, image)))]));
        foreach (var kind in result.Check.Faults.GroupBy(each => each.Fault).OrderBy(kind => kind.Key))
            rows.Add(
                new(
                    $"{CultureInfo.InvariantCulture.TextInfo.ToTitleCase(Word(kind.Key))}: {Output.Count(kind.Count(), "image")}{First(kind.Count())}",
                    null, [.. kind.Take(Shown).Select(each => Of(each.Image, Set(each.Image)))]));
        return new($"The images of {result.Stores[0].Source.Root}", string.Join("; ", result.Lines()), [], rows, []);

        static string First(int count) => count > Shown ? FormattableString.Invariant($", the first {Shown} are shown") : "";
    }

    /// <summary>In which way an image is like others of its group.</summary>
    private static string HowOf(CopyGroup group, int image)
    {
        var pair = group.Pairs.FirstOrDefault(each => each.Second == image) ?? group.Pairs.First(each => each.First == image);
        return string.Create(CultureInfo.InvariantCulture, $"{pair.Likeness:0.00}{(pair.IsMirrored ? ", mirrored" : "")}");
    }
}

/// <summary>What a look at images found.</summary>
/// <param name="Of">What was asked.</param>
/// <param name="Stores">The data, then the test images if any; images are numbered through both.</param>
/// <param name="Unreadable">One line for each that does not decode.</param>
/// <param name="Kept">Images of the data that nothing is wrong with.</param>
internal sealed record DataCheckResult(
    DataCheckJob Of, IReadOnlyList<ImageStore> Stores, IReadOnlyList<string> Unreadable, DataCheck Check, IReadOnlyList<int> Kept)
{
    private int Own => Stores[0].Count;

    private IEnumerable<CopyGroup> Leaks => Check.Groups.Where(group => group.Members[0] < Own && group.Members[^1] >= Own);

    /// <summary>Where an image of the common numbers is.</summary>
    public ImageStore StoreOf(int image, out int own)
    {
        own = image < Own ? image : image - Own;
        return image < Own ? Stores[0] : Stores[1];
    }

    public string NameOf(int image) => StoreOf(image, out var own).NameOf(own);

    /// <summary>What was found, in words.</summary>
    public IReadOnlyList<string> Lines()
    {
        var lines = new List<string>();
        var copies = Check.Groups.Sum(group => group.Members.Count - 1);
        lines.Add($"{Output.Count(copies, "copy", "copies")} of other images, stored again, mirrored or cut, in {Output.Count(Check.Groups.Count, "group")}");
        if (Check.Groups.Count(IsTorn) is > 0 and var torn) lines.Add($"{Output.Count(torn, "group")} under several classes: one of them is wrong");
        if (Stores.Count > 1)
            lines.Add(
                $"{Output.Count(Leaks.Sum(group => group.Members.Count(image => image >= Own)), "test image")} of {Output.Count(Stores[1].Count, "image")} also in the data: accuracy on them says little");
        var faults = Check.Faults.CountBy(each => each.Fault).ToDictionary();
        lines.Add(
            string.Join(
                ", ",
                Enum.GetValues<ImageFault>().Select(fault =>
                    FormattableString.Invariant($"{DataCheckJob.Word(fault)} {faults.GetValueOrDefault(fault):N0}")))
            + FormattableString.Invariant($", unreadable {Unreadable.Count:N0}"));
        return lines;
    }

    /// <summary>As one object: images by their names.</summary>
    public JsonObject Json() => new()
    {
        ["data"] = Stores[0].Source.Root,
        ["images"] = Own,
        ["test"] = Of.Test,
        ["testImages"] = Stores.Count > 1 ? Stores[1].Count : null,
        ["groups"] = new JsonArray([.. Check.Groups.Select(group => new JsonObject
        {
            ["data"] = Names(group.Members.Where(image => image < Own)),
            ["test"] = Names(group.Members.Where(image => image >= Own)),
            ["likeness"] = Math.Round(group.Pairs.Min(pair => pair.Likeness), 4),
            ["mirrored"] = group.Pairs.Any(pair => pair.IsMirrored),
            ["severalClasses"] = IsTorn(group),
        })]),
        ["faults"] = new JsonObject(Enum.GetValues<ImageFault>().Select(fault => KeyValuePair.Create<string, JsonNode?>(
            DataCheckJob.Word(fault), Names(Check.Faults.Where(each => each.Fault == fault).Select(each => each.Image))))),
        ["unreadable"] = new JsonArray([.. Unreadable.Select(line => JsonValue.Create(line))]),
        ["kept"] = Kept.Count,
    };

    /// <summary>The images that are kept as a list file in a folder; null where they have no files of their own.</summary>
    public string? ListFor(string folder)
    {
        if (Stores[0].Source is not ImageFiles files) return null;
        return string.Concat(Kept.Select(image =>
        {
            var path = Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(files.Paths[Stores[0].Places[image]]));
            return Stores[0].Labels is { } labels ? $"{path}\t{files.ClassNames[labels[image]]}\n" : path + "\n";
        }));
    }

    /// <summary>Whether images of one picture are of several classes.</summary>
    private bool IsTorn(CopyGroup group) => group.Members.Select(ClassOf).Where(name => name is not null).Distinct().Count() > 1;

    private string? ClassOf(int image)
    {
        var store = StoreOf(image, out var own);
        return store.Labels is { } labels ? store.Source.ClassNames[labels[own]] : null;
    }

    private JsonArray Names(IEnumerable<int> images) => [.. images.Select(image => JsonValue.Create(NameOf(image)))];
}
