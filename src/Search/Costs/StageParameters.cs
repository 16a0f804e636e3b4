using DataSsl.Runtime.Supernets;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Costs;

/// <summary>Where in the network an architecture has its parameters.</summary>
/// <param name="Early">Those of the stem and of the first half of the stages; of an odd number the middle one counts as late.</param>
/// <param name="Late">Those of the other stages and of what follows them.</param>
public readonly record struct StageParameters(long Early, long Late)
{
    /// <summary>All of them.</summary>
    public long Total => Early + Late;

    /// <summary>Early ones for each late one.</summary>
    public double Ratio => (double)Early / Late;

    /// <summary>Counts them from the plan.</summary>
    public static StageParameters Of(Architecture architecture)
    {
        var (plan, choices) = (SpacePlan.Of(architecture.Space), architecture.Choices.ToArray().ToEquatableArray());
        var early = 1 + plan.Space.Strides.Count / 2;
        return new(Sum(0, early), Sum(early, plan.Segments.Count));

        long Sum(int from, int to) => Enumerable.Range(from, to - from).Sum(segment => plan.ParametersOf(segment, choices));
    }
}
