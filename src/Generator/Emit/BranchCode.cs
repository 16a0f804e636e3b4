using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>
/// The body of a block's forward, the same in every class that runs it: each branch from x to y, joined with its shortcut.
/// </summary>
internal static class BranchCode
{
    /// <param name="steps">What a branch does to a value, one expression after the other.</param>
    /// <param name="project">The expression of a branch's shortcut where some blocks project it.</param>
    /// <param name="join">A layer that was left over to take on the sum of y with a shortcut, and all that comes after; null where there is
    /// none.</param>
    public static void Emit(
        SourceWriter w, IReadOnlyList<Branch> branches, Func<Branch, IEnumerable<Func<string, string>>> steps, Func<Branch, string> project,
        Func<Branch, string, string?>? join = null)
    {
        w.Line("using var scope = NewDisposeScope();");
        var declared = false;
        for (var i = 0; i < branches.Count; i++)
        {
            var value = "x";
            foreach (var step in steps(branches[i]))
            {
                var result = step(value);
                w.Line($"{(declared ? "y" : "var y")} = {result};");
                (value, declared) = ("y", true);
            }
            EmitJoin(w, branches[i], project, join, last: i == branches.Count - 1);
        }
        w.Line("return y.MoveToOuterDisposeScope();");
    }

    private static void EmitJoin(
        SourceWriter w, Branch branch, Func<Branch, string> project, Func<Branch, string, string?>? join, bool last)
    {
        if (!branch.Adds) return;
        var shortcut = branch.Projection.Count > 0 ? project(branch) : "x";
        if (join?.Invoke(branch, shortcut) is { } joined)
        {
            w.Line($"{(last ? "y" : "x")} = {joined};");
            return;
        }
        var sum = branch.After.Aggregate($"y.add_({shortcut})", (value, layer) => StatelessLayers.Apply(layer, value));
        w.Line($"{(branch.MayAdd ? "if (residual) " : "")}{(last ? "" : "x = ")}{sum};");
    }
}
