using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>The body of a block's forward, the same in every class that runs it: each branch from x to y, joined with its shortcut.</summary>
internal static class BranchCode
{
    /// <param name="steps">What a branch does to a value, one expression after the other.</param>
    /// <param name="project">The expression of a branch's shortcut where some blocks project it.</param>
    public static void Emit(SourceWriter w, IReadOnlyList<Branch> branches, Func<Branch, IEnumerable<Func<string, string>>> steps, Func<Branch, string> project)
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
            EmitJoin(w, branches[i], project, last: i == branches.Count - 1);
        }
        w.Line("return y.MoveToOuterDisposeScope();");
    }

    private static void EmitJoin(SourceWriter w, Branch branch, Func<Branch, string> project, bool last)
    {
        if (!branch.Adds) return;
        var shortcut = branch.Projection.Count > 0 ? project(branch) : "x";
        var sum = branch.After.Aggregate($"y.add_({shortcut})", (value, layer) => StatelessLayers.Apply(layer, value));
        w.Line($"{(branch.MayAdd ? "if (residual) " : "")}{(last ? "" : "x = ")}{sum};");
    }
}
