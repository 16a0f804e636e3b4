using System.CommandLine;
using System.Text.RegularExpressions;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;

namespace DataSsl.Cli.Searching;

/// <summary>The options of <c>search</c>, which <c>plan search</c> shares.</summary>
internal sealed partial class SearchVerbOptions
{
    private const int DefaultDraws = 100;
    private const int DefaultBred = 500;
    private static readonly Bounds<int> candidates = new(1, 10_000_000);

    public readonly Option<string> Checkpoint = Options.Checkpoint();
    public readonly Option<string> Data = Options.Data();
    public readonly Option<string> Out = Options.Out();
    public readonly Option<string> Tasks = new("--tasks")
    {
        Description =
            $"Tasks to rank for, comma-separated: {string.Join(", ", SearchTask.All.Select(t => t.Name))}, or your own as name=FEATURES:METRIC (mine=C3-C5:relation, plain=z:mse).",
        DefaultValueFactory = _ => "classification",
        HelpName = "LIST",
    };
    public readonly Option<string> Budgets = new("--budgets")
    {
        Description = "Budgets, comma-separated: MACs groups (3-4G, 10-20M), limits (<=4G), parameters (params<=25M), activations "
            + "(memory<=8M, bytes), time for one image on this device (latency<=12ms; as pure C# latency@csharp<=12ms, in 8 bits "
            + "latency@csharp-int8<=5ms), several joined by and, names that the space file gives, or all. Default with --list: all.",
        HelpName = "LIST",
    };
    public readonly Option<string?> Strategy = new("--strategy")
    {
        Description = "exhaustive: every candidate; random: a uniform draw from each budget; evolution: bred from the best so far, for "
            + "spaces too large for the first. Default: exhaustive, or random where --candidates gives a number.",
        HelpName = "NAME",
    };
    public readonly Option<string?> Candidates = new("--candidates")
    {
        Description =
            $"How many candidates to score of each budget, or all. Default: {DefaultDraws} for random, as in the paper, {DefaultBred} for evolution.",
        HelpName = "N",
    };
    public readonly Option<string?> CandidateList = new("--list")
    {
        Description = "A text file with the candidates, one a line: an anchor's name, #index or a text such as 'stem=32 stage1=48x2 …'; # "
            + "and a blank begin a comment. With --budgets, those of them within each.",
        HelpName = "FILE",
    };
    public readonly Option<ScoredAgainst> Score = WordOption.Of(
        "--score", ScoredAgainst.Own,
        "What candidates are compared with: own (the supernet's largest network, as its teacher has learnt it) or teacher (a foreign one, "
            + "by how it relates the images; for classification).");
    public readonly Option<string> Teacher = TeacherOptions.Network(
        "With --score teacher: the network. Default: the one that the training learnt from");
    public readonly Option<string> TeacherArchitecture = TeacherOptions.OfRun();
    public readonly Option<int?> TeacherSize = TeacherOptions.PixelsOption();
    public readonly Option<int> Images = Options.Images();
    public readonly Option<int?> Size = Options.Size("the training's");
    public readonly Option<SearchCrop> Crop = WordOption.Of(
        "--crop", SearchCrop.Center,
        "What of each image is compared on: center (the middle, as evaluation shows it) or whole (all of it, mirrored by chance, as in "
            + "DATA's released search for classification).");
    public readonly Option<int?> CostSize = NumberOption.Maybe(
        "--cost-size", TrainBounds.Side,
        "Side of the images that the network will run on: MACs, activations and latency are those at this size, and winners are emitted "
            + "for it. Smaller images rank faster. Default: --size.",
        "PIXELS");
    public readonly Option<string?> Memory = new("--memory")
    {
        Description = "Memory that a process may take, such as 8G or 600M. Default: four fifths of the machine's.",
        HelpName = "BYTES",
    };
    public readonly Option<string?> CompareDomain = new("--compare-domain")
    {
        Description = "Other images: rank on them too, and tell how alike the rankings are and how far each winner falls on the other.",
        HelpName = "PATH",
    };
    public readonly TileOptions Tiles = new("as the training's pictures were");
    public readonly Option<bool> Resume = new("--resume") { Description = "Go on with the search that was begun in the folder of --out." };
    public readonly Option<long> Seed = Options.Seed();
    public readonly Option<string> Device = Options.Device();
    public readonly Option<int?> Threads = Options.Threads();

    public IEnumerable<Option> All =>
        [
            Checkpoint, Data, Out, Tasks, Budgets, Strategy, Candidates, CandidateList, Score, Teacher, TeacherArchitecture, TeacherSize,
            Images, .. Tiles.All, Size, Crop, CostSize, Memory, CompareDomain, Resume, Seed, Device, Threads,
        ];

    /// <param name="folder">Folder of the results; null for that of --out.</param>
    /// <param name="data">The images; null for those of --data.</param>
    /// <param name="budgets">The budgets; null for those of --budgets.</param>
    public SearchRequest Read(ParseResult parsed, string? folder = null, string? budgets = null, string? data = null)
    {
        var (kind, perBudget) = HowMany(parsed);
        return new(CheckpointFolder.FileOf(parsed.Required(Checkpoint)), data ?? parsed.Required(Data), folder ?? parsed.Required(Out))
        {
            Tasks = DistinctNames(List(Tasks, parsed.GetValue(Tasks)!, SearchTask.Parse)),
            Budgets = List(
                Budgets,
                budgets
                    ?? (parsed.GetValue(CandidateList) is null ? parsed.Required(Budgets) : parsed.GetValue(Budgets) ?? $"{Budget.All}"),
                text => text),
            Kind = kind,
            PerBudget = perBudget,
            Images = parsed.GetValue(Images),
            Size = parsed.GetValue(Size),
            Seed = parsed.GetValue(Seed),
            List = CheckedList(parsed),
            Crop = parsed.GetValue(Crop),
            CostSize = parsed.GetValue(CostSize),
            Memory = parsed.GetValue(Memory) is { } text ? Bytes(text) : null,
            CompareDomain = parsed.GetValue(CompareDomain),
            Tiles = Tiles.Read(parsed),
            Resume = parsed.GetValue(Resume),
            Against = AskedTeacher(parsed),
        };
    }

    private TeacherRequest? AskedTeacher(ParseResult parsed)
    {
        if (parsed.GetValue(Score) == ScoredAgainst.Teacher)
        {
            var (net, architecture) = (parsed.GetValue(Teacher), parsed.GetValue(TeacherArchitecture));
            return net is not null || architecture is null ? new(net, architecture, parsed.GetValue(TeacherSize))
                : throw new UserException(
                    $"{TeacherArchitecture.Name} {architecture}: goes with --teacher NET; without it candidates are compared with the network that the training learnt from");
        }
        foreach (var option in new Option[] { Teacher, TeacherArchitecture, TeacherSize })
            if (parsed.IsGiven(option)) throw new UserException($"{option.Name} goes with --score teacher");
        return null;
    }

    /// <summary>The words of a comma-separated option, each once.</summary>
    public static List<T> List<T>(Option option, string text, Func<string, T> parse)
    {
        var list = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(parse).Distinct()
            .ToList();
        return list.Count > 0 ? list : throw new UserException($"{option.Name} names none: {option.Description}");
    }

    private static List<SearchTask> DistinctNames(List<SearchTask> tasks) =>
        tasks.GroupBy(t => t.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new UserException($"--tasks defines {twice.Key} twice: {string.Join(" and ", twice)}")
            : tasks;

    private string? CheckedList(ParseResult parsed)
    {
        var list = parsed.GetValue(CandidateList);
        if (list is not null && (parsed.GetValue(Strategy) ?? parsed.GetValue(Candidates)) is not null)
            throw new UserException(
                $"--list {list} names the candidates, and --strategy and --candidates choose them from the space: give the one or the others");
        return list;
    }

    private (StrategyKind Kind, int PerBudget) HowMany(ParseResult parsed)
    {
        var (name, text) = (parsed.GetValue(Strategy), parsed.GetValue(Candidates));
        int? number = text is null or "all" ? null
            : candidates.TryRead(text, out var n) ? n
            : throw new UserException($"--candidates {text}: give all, or {candidates}");
        var kind = name is null ? number is null ? StrategyKind.Exhaustive : StrategyKind.Random
            : Enum.GetValues<StrategyKind>().Cast<StrategyKind?>()
                .FirstOrDefault(k => k.ToString()!.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UserException($"--strategy {name}: give exhaustive, random or evolution");
        return (kind, number, text) switch
        {
            (StrategyKind.Exhaustive, not null, _) =>
                throw new UserException($"--candidates {number}: --strategy exhaustive ranks all; give --strategy random or evolution"),
            (not StrategyKind.Exhaustive, null, "all") =>
                throw new UserException(
                    $"--candidates all: --strategy {name} scores a number of each budget; give it, or --strategy exhaustive"),
            _ => (kind, number ?? (kind == StrategyKind.Random ? DefaultDraws : DefaultBred)),
        };
    }

    private static long Bytes(string text)
    {
        var size = SizeText().Match(text);
        var shift = size.Success ? char.ToUpperInvariant(size.Groups[2].Value[0]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 40 } : 0;
        return size.Success && Options.Positive.TryRead(size.Groups[1].Value, out var number) && number * (1L << shift) < 1L << 60
            ? (long)(number * (1L << shift))
            : throw new UserException($"--memory {text}: give a size such as 8G or 600M");
    }

    [GeneratedRegex(@"\A([0-9.]+)([KMGTkmgt])i?[Bb]?\z")]
    private static partial Regex SizeText();
}
