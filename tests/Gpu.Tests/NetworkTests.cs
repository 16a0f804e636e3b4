using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Gpu.Tests;

/// <summary>Every family computes on the device what it computes on the CPU, and a search ranks alike.</summary>
public sealed class NetworkTests
{
    private const double Tolerance = 1e-4;

    [SkippableTheory, MemberData(nameof(GpuNetworks.Families), MemberType = typeof(GpuNetworks))]
    public void Features_are_those_of_the_cpu(string name)
    {
        var (device, space) = (Accelerator.Get(), GpuNetworks.Space(name));
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var here = GpuNetworks.Of(space, CPU);
        using var there = GpuNetworks.Of(space, device);
        var images = GpuNetworks.Images(4, 64);
        foreach (var architecture in new[] { space.Min, space.Max })
            foreach (var (expected, actual) in
                here.Student.Features(images, architecture).Zip(there.Student.Features(images.to(device), architecture)))
                Assert.InRange(Accelerator.Difference(expected, actual), 0, Tolerance);
    }

    [SkippableFact]
    public void Scores_are_those_of_the_cpu()
    {
        var (device, space) = (Accelerator.Get(), GpuNetworks.Space("Demo"));
        using var images = GpuNetworks.Images(8, 32);
        var candidates = CandidateSet.Random(space, [Budget.All], 32, perBudget: 20, seed: 0).All;
        var (expected, actual) = (Scores(CPU), Scores(device));
        Assert.Equal(candidates.Count, actual.Count);
        foreach (var candidate in candidates)
            foreach (var (a, b) in expected[candidate].Zip(actual[candidate])) Assert.Equal(a, b, Tolerance * Math.Max(1, Math.Abs(a)));

        Dictionary<Architecture, double[]> Scores(Device on)
        {
            using var networks = GpuNetworks.Of(space, on);
            using var placed = images.to(on, copy: true);
            using var scorer = new Scorer(networks, SearchTask.All, placed);
            var scores = new Dictionary<Architecture, double[]>();
            PrefixWalk.Run(networks, scorer, candidates, placed, scores.Add);
            return scores;
        }
    }
}
