using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

internal sealed partial class SupernetEmitter
{
    /// <summary>One nested class a template: sliced layers as fields and a forward that names the slice of each.</summary>
    private void EmitTemplate(BlockTemplate template)
    {
        w.Summary($"{template.Summary} {ShapesOf(template)}.");
        w.Block($"private sealed class {template.Name}", () =>
        {
            foreach (var layer in template.Layers.Where(l => l.HasState))
                w.Line($"private readonly {SupernetLayers.Type(layer)} {Names.Field(layer.Name)};");
            foreach (var layer in template.Projection.Where(l => l.HasState))
                w.Line($"private readonly {SupernetLayers.Type(layer)}? {Names.Field(layer.Name)};");
            if (template.Optional == Shortcut.Identity) w.Line("private readonly bool residual;");
            if (IsDroppable(template)) w.Line($"private readonly {space.Name} net;");
            w.Line();
            EmitTemplateConstructor(template);
            w.Line();
            EmitTemplateForward(template);
        });
        w.Line();
    }

    /// <summary><c>[N, in, H, W] -> [N, out, H', W']</c>, or the same of tokens.</summary>
    private string ShapesOf(BlockTemplate template)
    {
        var segment = plan.Segments.TakeWhile(s => s.Blocks.All(b => b.Template != template)).Count();
        var before = segment == 0 ? Place.Input : plan.Geometry.After(segment - 1);
        return $"{Names.Shape(before, template.Input, "H", "W")} -> {Names.Shape(plan.Geometry.After(segment), template.Output, "H'", "W'")}";
    }

    private void EmitTemplateConstructor(BlockTemplate template)
    {
        var ports = string.Join(", ", template.Ports.Select(p => $"int[] {Names.Local(p)}"));
        var shape = (template.Strided ? ", int stride" : "") + (Names.Flag(template) is { } flag ? $", bool {flag}" : "");
        w.Block($"public {template.Name}({space.Name} net, string key, {ports}{shape})", () =>
        {
            if (template.Optional == Shortcut.Identity) w.Line("this.residual = residual;");
            if (IsDroppable(template)) w.Line("this.net = net;");
            foreach (var branch in template.Branches)
                foreach (var layer in branch.Layers.Where(l => l.HasState)) Declare(layer);
            if (!template.Projection.Any()) return;
            w.Line("if (!project) return;");
            foreach (var layer in template.Projection) Declare(layer);
        });

        void Declare(Layer layer) => w.Line($"{Names.Field(layer.Name)} = {SupernetLayers.Declare(layer)};");
    }

    private void EmitTemplateForward(BlockTemplate template)
    {
        w.Block($"public Tensor forward(Tensor x, {string.Join(", ", template.Ports.Select(p => $"int {Names.Local(p)}"))})", () =>
        {
            BranchCode.Emit(w, template.Branches, Steps, branch =>
            {
                w.Line("var shortcut = x;");
                w.Block($"if ({string.Join(" && ", branch.Projection.Select(layer => $"{Names.Field(layer.Name)} is not null"))})", () =>
                {
                    foreach (var layer in branch.Projection) w.Line($"shortcut = {SupernetLayers.Apply(layer, "shortcut")};");
                });
                return "shortcut";
            }, (branch, shortcut) =>
                JoiningNorm(branch) is { } norm
                    ? SupernetLayers.ApplyNorm(
                        norm, "y", branch.After.FirstOrDefault(), branch.MayAdd ? $"residual ? {shortcut} : null" : shortcut)
                    : null);
        });

        // A BatchNorm takes on the activation that follows it, and at the end of a branch the sum as well.
        static IEnumerable<Func<string, string>> Steps(Branch branch)
        {
            var joining = JoiningNorm(branch);
            for (var i = 0; i < branch.Layers.Count; i++)
            {
                var layer = branch.Layers[i];
                if (layer == joining) yield break;
                if (!layer.HasStatistics)
                {
                    yield return value => SupernetLayers.Apply(layer, value);
                    continue;
                }
                var activation = i + 1 < branch.Layers.Count && branch.Layers[i + 1].IsRectifier
                    ? branch.Layers[++i]
                    : null;
                yield return value => SupernetLayers.ApplyNorm(layer, value, activation);
            }
            if (branch.IsDroppable) yield return value => $"net.DropPath({value})";
        }
    }

    private static bool IsDroppable(BlockTemplate template) => template.Branches.Any(branch => branch.IsDroppable);

    private static Layer? JoiningNorm(Branch branch) =>
        branch.Adds && branch.After.Count <= 1 && branch.After.All(layer => layer.IsRectifier)
            && branch.Layers[branch.Layers.Count - 1] is { HasStatistics: true } norm
            ? norm
            : null;
}
