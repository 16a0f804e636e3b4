using System.Globalization;
using DataSsl.Generator;
using DataSsl.Runtime;
using DataSsl.Search.Walk;

namespace DataSsl.Cli.Bench;

/// <summary>
/// Ranks a whole space by the walk, and a sample of it one by one with the same code and with a released-style loop in PyTorch. They take turns: a share of the walk, then some of the sample.
/// </summary>
/// <param name="Sample">Candidates scored one by one; the rate over the sample stands for that over the space.</param>
internal sealed record SearchBench(SearchSpace Space, string SpaceFile, int Size, int Images, int Threads, int Sample)
{
    private const int Rounds = 8;

    public const string Peer = "gaia_search.py";

    /// <summary>Subnets a second by contestant (ours, oneByOne, released), each scored on all images.</summary>
    public IReadOnlyDictionary<string, double> Run()
    {
        if (Space.Family != "resnet-bottleneck") throw new UserException($"--space {Space.Name}: the peer of bench search is written for resnet-bottleneck, not for {Space.Family}");
        var sample = Draw();
        var contestants = new List<Contestant>();
        try
        {
            contestants.Add(Ours("ours"));
            contestants.Add(Ours("oneByOne"));
            contestants.Add(Released());
            for (var round = -1; round < Rounds; round++)
            {
                foreach (var contestant in contestants) contestant.Step(Line(contestant, sample, round), counted: round >= 0);
                Output.Progress($"round {round + 1} of {Rounds}{(round < 0 ? " (warm-up, not counted)" : "")}");
            }
            var seconds = contestants.ToDictionary(c => c.Name, c => c.Total);
            foreach (var contestant in contestants) contestant.Finish();
            return new Dictionary<string, double>
            {
                ["ours"] = Space.Count / seconds["ours"],
                ["oneByOne"] = sample.Count / seconds["oneByOne"],
                ["released"] = sample.Count / seconds["released"],
            };
        }
        finally
        {
            foreach (var contestant in contestants) contestant.Dispose();
        }
    }

    /// <summary>Evenly over the grid, so that the sample costs what the space does, and as many for every round.</summary>
    private List<Architecture> Draw()
    {
        var count = (Sample + Rounds - 1) / Rounds * Rounds;
        var random = CounterRandom.For(0, "bench search");
        var drawn = new List<Architecture>();
        for (var i = 0; i < count; i++) drawn.Add(Space.Sample(ref random));
        return drawn;
    }

    private Contestant Ours(string name) => new(name, Environment.ProcessPath!,
        ["bench", "search-worker", "--space-file", SpaceFile, "--space", Space.Name, "--size", $"{Size}", "--images", $"{Images}", "--threads", $"{Threads}"], Threads);

    private Contestant Released()
    {
        var declared = SpaceCompiler.Parse(Space.Name, Space.Source).Space!;
        return new("released", PeerScript.Python,
            [PeerScript.Find(Peer), $"{Threads}", $"{Images}", $"{Size}", PeerText(Space.Max), declared.LowResolutionStem ? "low" : "standard", string.Join(',', declared.Strides)], Threads);
    }

    /// <summary>The warm-up is the first of the sample for all.</summary>
    private string Line(Contestant contestant, List<Architecture> sample, int round)
    {
        if (contestant.Name == "ours" && round >= 0) return string.Create(CultureInfo.InvariantCulture, $"walk {round} {Rounds}");
        var part = round < 0 ? sample.Take(2) : sample.Skip(round * sample.Count / Rounds).Take(sample.Count / Rounds);
        return contestant.Name == "released" ? string.Join(' ', part.Select(PeerText)) : "alone " + string.Join(' ', part.Select(Space.IndexOf));
    }

    private string PeerText(Architecture a)
    {
        var stages = Enumerable.Range(1, Space.Segments.Count - 1).Select(i => Space.Segments[i]).ToList();
        return $"{a.Channels(0)}/{string.Join(',', stages.Select(s => a[s.ChannelAxis]))}/{string.Join(',', stages.Select(s => a[s.DepthAxis]))}";
    }
}
