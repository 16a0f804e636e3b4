using System.Runtime.CompilerServices;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Candidates;

/// <summary>The activations of an architecture at its fullest moment, from its space's plan, which is lowered once.</summary>
public static class ActivationMemory
{
    private static readonly ConditionalWeakTable<SearchSpace, NetworkPlan> Plans = [];

    /// <summary>Bytes for one image of <paramref name="size"/> x <paramref name="size"/> pixels in 32 bits.</summary>
    public static long Of(Architecture architecture, int size) =>
        Plans.GetValue(architecture.Space, FixedNetwork.PlanOf).PeakBytes(architecture.Choices.ToArray().ToEquatableArray(), size);
}
