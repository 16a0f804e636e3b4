using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Costs;

/// <summary>What architectures cost: in closed form for images of a size, and in time where a device's blocks were timed.</summary>
/// <param name="Size">Side of the images in pixels.</param>
/// <param name="Latency">The device's times; null where no budget limits them.</param>
public sealed record CostModel(int Size, LatencyTable? Latency = null)
{
    /// <summary>Closed forms alone, for images of <paramref name="size"/> pixels a side.</summary>
    public static implicit operator CostModel(int size) => new(size);

    /// <summary>What an architecture takes of a measure, in its unit (<see cref="Measure"/>).</summary>
    public long Of(Measure measure, Architecture architecture) => measure switch
    {
        Measure.Macs => architecture.Space.Macs(architecture, Size),
        Measure.Parameters => architecture.Space.Parameters(architecture),
        Measure.Memory => SpacePlan.Of(architecture.Space).PeakBytes(architecture.Choices.ToArray().ToEquatableArray(), Size),
        _ => (long)(1e9 * (Latency ?? throw new InvalidOperationException("no device was timed")).Predict(architecture)),
    };
}
