using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Spaces;
using DataSsl.Tests;

namespace DataSsl.Search.Tests;

/// <summary>By itself, since tensors are counted for the whole process.</summary>
[CollectionDefinition(nameof(SearcherLeakTests), DisableParallelization = true)]
[Collection(nameof(SearcherLeakTests))]
public sealed class SearcherLeakTests
{
    [Fact]
    public void NoTensorStaysBehind()
    {
        using var networks = TestNetworks.Of(Tiny.Space);
        using var images = TestNetworks.Images(6, 16);
        var candidates = CandidateSet.Random(Tiny.Space, [Budget.Parse("200-400K")], 16, perBudget: 25, seed: 0);
        var searcher = new Searcher(networks, images, candidates, SearchTask.All, new Dictionary<string, string>()) { ImagesAtOnce = 4 };
        searcher.Run(new Dictionary<string, string>());
        Forgotten.Free();
        var before = Torch.LiveTensors.Count;
        for (var i = 0; i < 3; i++) searcher.Run(new Dictionary<string, string>());
        Assert.Equal(before, Torch.LiveTensors.Count);
    }
}
