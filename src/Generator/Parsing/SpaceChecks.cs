using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Families;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>
/// What can only be said of a whole space: its counts and costs, whether its constraints leave anything, whether its budgets have members.
/// </summary>
internal sealed class SpaceChecks(Space space, YamlErrors errors)
{
    public void Run(
        YamlMap root, YamlNode? size, IReadOnlyList<(Comparison Comparison, YamlNode Source)> constraints,
        IReadOnlyList<(NamedBudget Budget, YamlNode Source)> budgets)
    {
        if (CheckGrid(root, constraints) is not { } grid) return;
        var plan = Family.PlanOf(space);
        if (space.InputSizes[0] < plan.Reduction)
            errors.Report(
                Descriptors.InputTooSmall, size ?? root.Node, Digits.Of(space.InputSizes[0]), space.Name, Digits.Of(plan.Reduction));
        // Every convolution works on maps no larger than the image, so this is above every cost.
        if ((double)plan.Parameters(space.Max) * space.InputSize * space.InputSize > Space.Most)
            errors.Report(
                Descriptors.Overflow, root.Optional("stages")!, "the largest network may cost more than 2^62 multiply-accumulates");
        else
            foreach (var (budget, source, limit) in budgets.SelectMany(b => b.Budget.Limits.Select(limit => (b.Budget, b.Source, limit))))
                // Limits that have members each may still have none in common: a search says so.
                if (BudgetSearch.IsEmpty(plan, grid, limit, out var nearest))
                    errors.Report(Descriptors.EmptyBudget, source, budget.Name, budget.Text, Costs(nearest));
        // Only what nothing else is wrong with can be written as code.
        if (!errors.Any && SupernetEmitter.Members(plan).Contains(space.Name, StringComparer.OrdinalIgnoreCase))
            errors.Report(Descriptors.Reserved, root.Optional("space")!, space.Name);
    }

    private ChoiceDiagram? CheckGrid(YamlMap root, IReadOnlyList<(Comparison Comparison, YamlNode Source)> constraints)
    {
        var grid = space.Grid();
        if (grid is null) errors.Report(Descriptors.Entangled, constraints[constraints.Count - 1].Source);
        else if (grid.Count > Space.Most)
            errors.Report(Descriptors.Overflow, root.Optional("stages")!, "the space holds more than 2^62 architectures");
        else if (grid.Count == 0) errors.Report(Descriptors.EmptySpace, FirstToEmpty(constraints));
        else return grid;
        return null;
    }

    /// <summary>The entry that, with those before it, leaves nothing.</summary>
    private YamlNode FirstToEmpty(IReadOnlyList<(Comparison Comparison, YamlNode Source)> constraints)
    {
        var upTo = Enumerable.Range(1, constraints.Count)
            .First(
                n =>
                    (space with { Constraints = constraints.Take(n).Select(c => c.Comparison).ToEquatableArray() }).Grid() is { Count: 0 });
        return constraints[upTo - 1].Source;
    }

    private static string Costs((long? Below, long? Above) nearest) =>
        string.Join(
            " and ",
            new[] { nearest.Below, nearest.Above }.Where(c => c is not null)
                .Select(c => c!.Value.ToString("N0", CultureInfo.InvariantCulture)));
}
