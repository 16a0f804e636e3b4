using System.CommandLine;
using DataSsl.Jobs.Shared;

namespace DataSsl.Bench;

/// <summary><c>datassl bench</c>: ours against peers, in one run.</summary>
internal static class Benches
{
    /// <summary>The command, which the program adds to its own.</summary>
    internal static Command Create(SpaceCatalogue spaces) =>
        new(
            "bench",
            "Time ours against peers on this machine, on the same libtorch and in PyTorch; ratios over 1 mean that ours is that many times "
                + "as fast.")
    {
        BenchStepVerb.Create(spaces), BenchStepVerb.Worker(spaces), BenchDataVerb.Create(), BenchDataVerb.Worker(),
        BenchInferVerb.Create(spaces), BenchInferVerb.Worker(spaces), BenchSearchVerb.Create(), BenchSearchVerb.Worker(spaces),
        BenchDetectVerb.Create(spaces), BenchDetectVerb.Worker(spaces),
    };
}
