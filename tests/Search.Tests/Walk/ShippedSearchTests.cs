using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Spaces;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Walk;

/// <summary>
/// Of the spaces that ship, at their sizes and on one thread and two: a search gives each candidate the score that a search for it alone
/// gives, to the bit.
/// </summary>
[Collection(nameof(ShippedSearchTests))]
[CollectionDefinition(nameof(ShippedSearchTests), DisableParallelization = true)]
public sealed class ShippedSearchTests : IDisposable
{
    private readonly int threads = get_num_threads();

    public void Dispose() => set_num_threads(threads);

    [Theory]
    [InlineData("Small32", 32, 48, 1, null)]
    [InlineData("Small32", 32, 48, 2, null)]
    [InlineData("Small32", 32, 50, 2, 16)]
    [InlineData("DataResNet", 224, 3, 2, 2)]
    [InlineData("MobileNets", 96, 6, 2, null)]
    public void ACandidateAmongOthersScoresAsAlone(string name, int size, int count, int threadsUsed, int? atOnce)
    {
        set_num_threads(threadsUsed);
        var space = CompiledSpaces.All.Single(s => s.Name == name);
        using var plain = TestNetworks.Images(count, size);
        using var images = MemoryFormat.ChannelsLast(plain);
        // Neighbours of the smallest, so that they share prefixes and take little time.
        var candidates = Enumerable.Range(0, size == 224 ? 2 : 4).Select(i => space.FromIndex(i)).ToList();
        var together = Scores(candidates);
        foreach (var candidate in candidates) Assert.Equal(together[candidate.ToString()], Scores([candidate])[candidate.ToString()]);
        Assert.Equal(candidates.Count, together.Values.Select(s => s[0]).Distinct().Count());

        // Networks of its own each time, as a command has.
        Dictionary<string, double[]> Scores(IReadOnlyList<Architecture> some)
        {
            using var networks = TestNetworks.Of(space);
            var set = CandidateSet.Among(some, [Budget.Parse("params<=1G")], size, "the test");
            var searcher = new Searcher(networks, images, set, SearchTask.All, new Dictionary<string, string>()) { ImagesAtOnce = atOnce };
            return searcher.Run(new Dictionary<string, string>())!.Value.Result.Candidates.ToDictionary(
                c => c.Architecture, c => c.Scores.Values.ToArray());
        }
    }
}
