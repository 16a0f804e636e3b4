using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests;

/// <summary>A search that is stopped and goes on finds what one that is not finds.</summary>
public sealed class SearcherTests : IDisposable
{
    private static readonly Dictionary<string, string> Identity = new() { ["checkpoint"] = "c", ["seed"] = "0" };
    private readonly NetworkPair networks = TestNetworks.Of(Tiny.Space);
    private readonly Tensor images = TestNetworks.Images(6, 16);
    private readonly TemporaryFolder folder = new();
    private readonly CandidateSet candidates = CandidateSet.Random(
        Tiny.Space, [Budget.Parse("200-400K"), Budget.Parse("params<=6K")], 16, perBudget: 25, seed: 0);

    public void Dispose()
    {
        networks.Dispose();
        images.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(17, "")]
    [InlineData(17, "{\"architecture\":\"stem=4 sta")]
    public void AStoppedSearchGoesOnToTheSameResult(int stopAfter, string half)
    {
        var whole = Text(Searcher().Run(new Dictionary<string, string>())!.Value.Result);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () =>
                (Searcher(folder.Path) with { Report = (done, _) => { if (done == stopAfter) stop.Cancel(); } })
                    .Run(new Dictionary<string, string>(), stop.Token));
        var stream = folder.File(ResultStream.FileName);
        Assert.InRange(File.ReadLines(stream).Count(), stopAfter + 1, candidates.All.Count);
        File.AppendAllText(stream, half);
        var (first, last) = (0, 0);
        var resumed = (Searcher(folder.Path) with { Report = (done, total) => (first, last) = (first == 0 ? done : first, total) })
            .Run(new Dictionary<string, string>())!.Value.Result;
        Assert.Equal(whole, Text(resumed));
        Assert.True(first > stopAfter, "nothing was kept");
        Assert.Equal(candidates.All.Count, last);
        // Once more finds everything there.
        var report = (Searcher(folder.Path) with { Report = (_, _) => Assert.Fail("a candidate was scored twice") })
            .Run(new Dictionary<string, string>())!.Value.Result;
        Assert.Equal(whole, Text(report));
        Assert.Equal(candidates.All.Count + 1, File.ReadLines(stream).Count());
    }

    [Fact]
    public void AStoppedEvolutionGoesOnToTheSameResult()
    {
        SearchTask[] tasks = [SearchTask.Classification, SearchTask.DetectionC4];
        Searcher Bred(string? path) =>
            Searcher(path) with
            {
                Strategy = new Evolution(
                    Tiny.Space, [Budget.Parse("200-400K"), Budget.Parse("params<=6K")], 16, tasks.Length, perBudget: 20, seed: 3),
                Tasks = tasks,
            };
        var whole = Bred(null).Run(new Dictionary<string, string>())!.Value.Result;
        Assert.All(whole.Winners, w => Assert.InRange(w.Members, 20, 40));
        foreach (var stopAfter in new[] { 1, 15, 31 })
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(
                () =>
                    (Bred(folder.Path) with { Report = (done, _) => { if (done == stopAfter) stop.Cancel(); } })
                        .Run(new Dictionary<string, string>(), stop.Token));
        }
        Assert.Equal(Text(whole), Text(Bred(folder.Path).Run(new Dictionary<string, string>())!.Value.Result));
        // Each was scored once, whatever the stops.
        Assert.Equal(whole.Candidates.Count + 1, File.ReadLines(folder.File(ResultStream.FileName)).Count());
    }

    [Fact]
    public void AnotherSearchIsNotGoneOnWith()
    {
        Searcher(folder.Path).Run(new Dictionary<string, string>());
        var error = Assert.Throws<UserException>(
            () =>
                (Searcher(folder.Path) with { Identity = new Dictionary<string, string> { ["checkpoint"] = "d", ["seed"] = "0" } })
                    .Run(new Dictionary<string, string>()));
        Assert.Contains("begun with another checkpoint (c, now d)", error.Message);
        // Which of two lines would count?
        var whole = File.ReadAllLines(folder.File(ResultStream.FileName));
        File.AppendAllText(folder.File(ResultStream.FileName), whole[2] + "\n");
        Assert.Matches(
            $"line {whole.Length + 1}: .+ is there already, in line 3; take the line out",
            Assert.Throws<UserException>(() => Searcher(folder.Path).Run(new Dictionary<string, string>())).Message);
        File.WriteAllLines(folder.File(ResultStream.FileName), whole);
        File.AppendAllText(folder.File(ResultStream.FileName), "{\"architecture\":\"nonsense\",\"scores\":{},\"units\":\"\"}\n");
        Assert.Contains(
            $"line {candidates.All.Count + 2}: not a candidate",
            Assert.Throws<UserException>(() => Searcher(folder.Path).Run(new Dictionary<string, string>())).Message);
    }

    /// <summary>A first line that cannot be read says nothing of what was searched: the others may be of anything.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ADamagedLineIsNotGoneOnWith(int number)
    {
        Searcher(folder.Path).Run(new Dictionary<string, string>());
        var path = folder.File(ResultStream.FileName);
        var lines = File.ReadAllLines(path);
        foreach (var damaged in new[] { lines[number - 1][1..], "", lines[number - 1].Replace("\"s", "\"S") })
        {
            Assert.NotEqual(damaged, lines[number - 1]);
            string[] changed = [.. lines[..(number - 1)], damaged, .. lines[number..]];
            File.WriteAllLines(path, changed);
            Assert.StartsWith(
                $"{path}, line {number}: not a candidate",
                Assert.Throws<UserException>(() => Searcher(folder.Path).Run(new Dictionary<string, string>())).Message);
            Assert.Equal(changed, File.ReadAllLines(path));
        }
    }

    /// <summary>Weights may be finite and what the network makes of images not: what is no number is no score.</summary>
    [Fact]
    public void AScoreThatIsNoNumberEndsTheSearch()
    {
        using var broken = TestNetworks.Of(Tiny.Space);
        using (TorchSharp.torch.no_grad()) broken.StudentWeights.Values.fill_(1e30);
        var error = Assert.Throws<UserException>(
            () => (Searcher(folder.Path) with { Networks = broken }).Run(new Dictionary<string, string>()));
        Assert.Contains("its score for ", error.Message);
        Assert.DoesNotContain("NaN", File.ReadAllText(folder.File(ResultStream.FileName)));
    }

    [Fact]
    public void WinnersCarryTheirConfidence()
    {
        var result = Searcher().Run(new Dictionary<string, string>())!.Value.Result;
        Assert.Equal(SearchTask.All.Count * 2, result.Winners.Count);
        foreach (var winner in result.Winners)
        {
            var (score, sure) = (winner.Candidate.Scores[winner.Task], winner.Confidence!);
            Assert.InRange(score, sure.Low, sure.High);
            Assert.Contains(winner.Candidate.Index, sure.Tied);
            Assert.Contains(sure.Cheapest.Index, sure.Tied);
            Assert.True(sure.Cheapest.Macs <= winner.Candidate.Macs);
            Assert.Equal(
                score,
                result.Candidates.Where(
                        c =>
                            candidates.Groups.Single(g => g.Key.ToString() == winner.Budget).Value.Any(a => a.ToString() == c.Architecture))
                    .Max(c => c.Scores[winner.Task]));
        }
    }

    private Searcher Searcher(string? path = null) =>
        new(networks, images, candidates, SearchTask.All, Identity) { Folder = path, ImagesAtOnce = 4 };

    private static string Text(SearchResult result) => SearchResultJson.Serialize(result with { ElapsedSeconds = 0 });
}
