using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Walk;

namespace DataSsl.Bench;

/// <summary>
/// Ranks a whole space by the walk, and a sample of it one by one: with the same code, and by peers. They take turns: a share of the walk,
/// then some of the sample.
/// </summary>
/// <param name="Sample">Candidates scored one by one; the rate over the sample stands for that over the space.</param>
internal sealed record SearchBench(SearchSpace Space, string SpaceFile, int Size, int Images, int Threads, int Sample, Field Field)
{
    private const int Rounds = 8;

    /// <summary>Our own code, one by one.</summary>
    public const string OneByOne = "one-by-one";

    public static IReadOnlyList<string> Peers { get; } =
    [
        OneByOne, Entry.TorchSharp, Entry.TorchSharpReleased, Entry.PyTorch, Entry.PyTorchReleased,
    ];

    /// <summary>Seconds that a subnet takes by contestant, each scored on all images.</summary>
    public Standings Run()
    {
        var text = new PeerText(Space, "bench search");
        var sample = Draw();
        string[] ours =
        [
            "bench", "search-worker", "--space-file", SpaceFile, "--space", Space.Name, "--size", $"{Size}", "--images", $"{Images}",
            "--threads", $"{Threads}",
        ];
        var entries = Field.Of(ours,
        [
            new(OneByOne, Environment.ProcessPath!, ours),
            new(Entry.TorchSharp, PeerPrograms.TorchSharp, ["search", .. Settings("best", text)]),
            new(Entry.TorchSharpReleased, PeerPrograms.TorchSharp, ["search", .. Settings("released", text)]),
            new(Entry.PyTorch, PeerPrograms.Python, [PeerPrograms.Script("gaia_search.py"), .. Settings("best", text)]),
            new(Entry.PyTorchReleased, PeerPrograms.Python, [PeerPrograms.Script("gaia_search.py"), .. Settings("released", text)]),
        ]);
        // The walk's shares differ, so that their sum counts and not their median.
        var of = Contest.Run(
            entries, Threads, Rounds, "round", (contestant, round) => Line(contestant.Name, sample, round, text),
            contestant => contestant.Total / (Walks(contestant.Name) ? Space.Count : sample.Count));
        return new(
            [
                ("space", Space.Name), ("subnets", Space.Count), ("size", Size), ("images", Images), ("threads", Threads),
                ("compute", ComputeType.Float32.Word()), ("sample", sample.Count),
            ],
            of, [Entry.TorchSharp, Entry.PyTorch]);
    }

    private string[] Settings(string form, PeerText text) => [form, $"{Threads}", $"{Images}", $"{Size}", .. text.Shape];

    private static bool Walks(string name) => name is Entry.Ours or Entry.Against;

    /// <summary>Evenly over the grid, so that the sample costs what the space does, and as many for every round.</summary>
    private List<Architecture> Draw()
    {
        var count = (Sample + Rounds - 1) / Rounds * Rounds;
        var random = CounterRandom.For(0, "bench search");
        var drawn = new List<Architecture>();
        for (var i = 0; i < count; i++) drawn.Add(Space.Sample(ref random));
        return drawn;
    }

    /// <summary>The warm-up is the first of the sample for all.</summary>
    private string Line(string name, List<Architecture> sample, int round, PeerText text)
    {
        if (Walks(name) && round > 0) return string.Create(CultureInfo.InvariantCulture, $"walk {round - 1} {Rounds}");
        var part = round == 0 ? sample.Take(2) : sample.Skip((round - 1) * sample.Count / Rounds).Take(sample.Count / Rounds);
        return Walks(name) || name == OneByOne
            ? "alone " + string.Join(' ', part.Select(Space.IndexOf))
            : string.Join(' ', part.Select(text.Of));
    }
}
