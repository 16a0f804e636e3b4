using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Searching;

/// <summary>A search as asked for.</summary>
/// <param name="Checkpoint">The supernet's: a file.</param>
/// <param name="Data">Images: anything that <c>--data</c> takes.</param>
/// <param name="Folder">Where the results go; made if missing.</param>
public sealed record SearchRequest(string Checkpoint, string Data, string Folder)
{
    /// <summary>Images that statistics and scores are taken over, where nothing else is said.</summary>
    public const int DefaultImages = 256;

    /// <summary>What candidates are ranked for.</summary>
    public IReadOnlyList<SearchTask> Tasks { get; init; } = [SearchTask.Classification];

    /// <summary>Within which costs, such as <c>3-4G</c> or <c>params&lt;=25M</c>; each has winners of its own.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [$"{Budget.All}"];

    /// <summary>How candidates are chosen, unless a list names them.</summary>
    public StrategyKind Kind { get; init; } = StrategyKind.Exhaustive;

    /// <summary>How many to score of each budget, where not all.</summary>
    public int PerBudget { get; init; }

    /// <summary>Images that statistics and scores are taken over; all where there are fewer.</summary>
    public int Images { get; init; } = DefaultImages;

    /// <summary>Side of the images in pixels; null for that of the training.</summary>
    public int? Size { get; init; }

    /// <summary>Of every draw.</summary>
    public long Seed { get; init; }

    /// <summary>A file that lists the candidates; null for those of the space.</summary>
    public string? List { get; init; }

    /// <summary>Side of the images that costs are counted at; null for that of the search.</summary>
    public int? CostSize { get; init; }

    /// <summary>What of each image is compared on.</summary>
    public SearchCrop Crop { get; init; }

    /// <summary>Bytes that a process may take; null for a share of the machine's.</summary>
    public long? Memory { get; init; }

    /// <summary>How pictures are cut into images; null for as the training's were.</summary>
    public TileRule? Tiles { get; init; }

    /// <summary>Other images to rank on too; null for none.</summary>
    public string? CompareDomain { get; init; }

    /// <summary>The foreign teacher that candidates are compared with; null for the supernet's own.</summary>
    public TeacherRequest? Against { get; init; }

    /// <summary>The images of <see cref="Data"/>, where the verb has listed them already; null to do so.</summary>
    public ImageSource? Source { get; init; }

    /// <summary>Whether to go on with what was begun in the folder.</summary>
    public bool Resume { get; init; }

    /// <summary>The images of a path, or the tiles of them.</summary>
    /// <param name="source">Where they are listed already; null to do so.</param>
    /// <param name="training">How the training read pictures.</param>
    public ImageSource Listed(string path, ImageSource? source, TrainOptions training) =>
        Shared.Images.Cut(source ?? ImageSource.Open(path), Tiles ?? training.Tiles, training.Pixels.Format, Memory);

    /// <summary>What candidates are compared on of some images: [N, C, S, S], and how many there are.</summary>
    public (Tensor Images, int Count) Batch(ImageSource source, int size, Device device) => Shared.Images.Batch(
        source, Images, size, Seed, Runtime.Training.Checkpoint.Describe(Checkpoint).Options.Pixels, device, Memory,
        Crop == SearchCrop.Whole ? ViewRecipe.WholeImage(size) with { FlipChance = 0.5 } : ViewRecipe.CenterCrop(size));

    /// <summary>The budgets, each once.</summary>
    public IReadOnlyList<Budget> BudgetsOf(SearchSpace space) => [.. Budgets.Select(text => Budget.Of(space, text)).Distinct()];

    /// <summary>What is to be ranked by costs of a size and device.</summary>
    public IStrategy Strategy(SearchSpace space, CostModel costs)
    {
        var budgets = BudgetsOf(space);
        return (List, Kind) switch
        {
            ({ } file, _) => CandidateSet.Among(CandidateFile.Read(space, file), budgets, costs, file),
            (_, StrategyKind.Exhaustive) => CandidateSet.Exhaustive(space, budgets, costs),
            (_, StrategyKind.Random) => CandidateSet.Random(space, budgets, costs, PerBudget, Seed),
            _ => new Evolution(space, budgets, costs, Tasks.Count, PerBudget, Seed),
        };
    }

    /// <summary>The command that asks for the same search, defaults spelt out, for a shell.</summary>
    public string CommandLine(int? size) => NextCommand.Of("search", Words(size));

    /// <summary>Its words after the verb.</summary>
    public IEnumerable<string> Words(int? size) =>
    [
        "--checkpoint", Checkpoint, "--data", Data, "--tasks", string.Join(',', Tasks), "--budgets", string.Join(',', Budgets),
        .. List is not null ? (string[])["--list", List] : ["--strategy", Kind.ToString().ToLowerInvariant()],
        .. List is not null || Kind == StrategyKind.Exhaustive ? (string[])[] : ["--candidates", Wording.Number(PerBudget)],
        "--images", Wording.Number(Images), .. size is { } side
            ? (string[])["--size", Wording.Number(side)]
            : [], "--seed", Wording.Number(Seed),
        .. Crop == SearchCrop.Whole ? (string[])["--crop", "whole"] : [],
        .. CostSize is { } costs ? (string[])["--cost-size", Wording.Number(costs)] : [],
        .. Against?.Words() ?? [],
        .. TileWords.Words(Tiles),
        .. CompareDomain is null ? (string[])[] : ["--compare-domain", CompareDomain],
        "--out", Folder,
    ];
}

/// <summary>What of an image candidates are compared on.</summary>
public enum SearchCrop
{
    /// <summary>Its middle, as evaluation shows it, and the released code for dense tasks.</summary>
    Center,

    /// <summary>All of it, mirrored or not by chance: the released code for classification.</summary>
    Whole,
}
