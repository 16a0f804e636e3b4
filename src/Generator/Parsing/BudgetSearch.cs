using System;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// Looks for one member of a budget by branch and bound over the axes: costs grow or shrink along an axis, so the two corners of a box of
/// choices bound all between. A budget that has members shows one after a few dozen costs; where the answer takes too many it stays open,
/// since a build must not wait for it.
/// </summary>
internal sealed class BudgetSearch
{
    private const int MostCosts = 2_000;

    private readonly NetworkPlan plan;
    private readonly ChoiceDiagram grid;
    private readonly BudgetLimit budget;
    private readonly int[] cheap;
    private readonly int[] dear;
    private int costs;

    private BudgetSearch(NetworkPlan plan, ChoiceDiagram grid, BudgetLimit budget)
    {
        (this.plan, this.grid, this.budget) = (plan, grid, budget);
        var (min, max) = (plan.Space.Min.ToArray(), plan.Space.Max.ToArray());
        var (floor, grows) = (Cost(min), new bool[min.Length]);
        for (var i = 0; i < min.Length; i++) grows[i] = Cost(With(min, i, max[i])) >= floor;
        cheap = grows.Select((g, i) => g ? min[i] : max[i]).ToArray();
        dear = grows.Select((g, i) => g ? max[i] : min[i]).ToArray();
    }

    /// <summary>The largest member's cost below the budget and the smallest at or above its end; null where there is none.</summary>
    public (long? Below, long? Above) Nearest { get; private set; }

    /// <summary>Whether the budget surely has no member, and then what comes nearest.</summary>
    public static bool IsEmpty(NetworkPlan plan, ChoiceDiagram grid, BudgetLimit budget, out (long? Below, long? Above) nearest)
    {
        var search = new BudgetSearch(plan, grid, budget);
        var found = search.Visit([], 0);
        nearest = search.Nearest;
        return !found && search.costs < MostCosts;
    }

    /// <summary>Whether a member with this prefix is found, or the search is over.</summary>
    private bool Visit(int[] prefix, int length)
    {
        if (!grid.HasMember(prefix, length)) return false;
        if (costs >= MostCosts) return true;
        var (low, high) = (Cost(Complete(prefix, length, cheap)), Cost(Complete(prefix, length, dear)));
        if (low >= budget.From && high < budget.To) return true;
        // A box that cannot improve on what is known holds nothing of interest.
        if (high < budget.From && high <= Nearest.Below) return false;
        if (low >= budget.To && low >= Nearest.Above) return false;
        if (length < cheap.Length)
            return plan.Space.Axes[length].Values.Any(value => Visit(With(Complete(prefix, length, cheap), length, value), length + 1));
        Nearest = low < budget.From
            ? (Math.Max(low, Nearest.Below ?? low), Nearest.Above)
            : (Nearest.Below, Math.Min(low, Nearest.Above ?? low));
        return false;
    }

    private long Cost(int[] choices)
    {
        costs++;
        var array = choices.ToEquatableArray();
        return budget.Measure switch
        {
            Measure.Macs => plan.Macs(array, plan.Space.InputSize),
            Measure.Parameters => plan.Parameters(array),
            _ => plan.PeakBytes(array, plan.Space.InputSize),
        };
    }

    private static int[] Complete(int[] prefix, int length, int[] corner) => [.. prefix.Take(length), .. corner.Skip(length)];

    private static int[] With(int[] choices, int axis, int value)
    {
        var copy = (int[])choices.Clone();
        copy[axis] = value;
        return copy;
    }
}
