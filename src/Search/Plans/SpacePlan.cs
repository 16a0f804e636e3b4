using System.Runtime.CompilerServices;
using DataSsl.Generator;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Plans;

/// <summary>The one way to a space's plan, which is lowered once.</summary>
internal static class SpacePlan
{
    private static readonly ConditionalWeakTable<SearchSpace, NetworkPlan> Plans = [];

    public static NetworkPlan Of(SearchSpace space) => Plans.GetValue(space, Lower);

    private static NetworkPlan Lower(SearchSpace space) => SpaceCompiler.Lower(
        SpaceCompiler.Parse(space.Name, space.Source).Space
            ?? throw new InvalidOperationException($"the compiled source of {space.Name} does not parse"));
}
