using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    /// <summary>One class a template that is no plain Sequential, and one for each named module within any.</summary>
    private void EmitBlockClasses()
    {
        foreach (var template in blocks.Select(b => b.Block.Template).Distinct())
        {
            var nodes = ModuleNode.Of(template.Layers);
            var isClass = blocks.First(b => b.Block.Template == template).Block.Container.Length > 0 && !ModuleNode.AreNumbered(nodes);
            if (isClass) EmitBlockClass(template);
            foreach (var node in nodes.Where(n => n.Layer is null && !n.IsSequential)) EmitModuleClass(node, template);
        }
    }

    private void EmitBlockClass(BlockTemplate template)
    {
        var members = template.Branches.SelectMany(b => ModuleNode.Of(b.Layers)).Where(n => n.HasState)
            .Select(n => NodeMember(n, template, Names.Local, "stride")).ToList();
        foreach (var node in ModuleNode.Of(template.Projection))
            members.Add(NodeMember(node, template, Names.Local, "stride") with { Condition = "project" });
        var parameters = template.Ports.Select(p => $"int {Names.Local(p)}").ToList();
        if (template.Strided) parameters.Add("int stride");
        if (Names.Flag(template) is { } flag) parameters.Add($"bool {flag}");
        EmitClass(
            template.Name, template.Summary, parameters, members, keepsResidual: template.Optional == Shortcut.Identity,
            () => BranchCode.Emit(
            w, template.Branches, branch => Steps(ModuleNode.Of(branch.Layers.Where(layer => !layer.TakesSum))), branch =>
            {
                var shortcut = ModuleNode.Of(branch.Projection)[0].Name;
                return $"{shortcut} is null ? x : {shortcut}.call(x)";
            },
            (branch, shortcut) => branch.Layers[branch.Layers.Count - 1] is { TakesSum: true, Name: var name }
                ? $"{Names.Field(name)}.forward(y, {shortcut})"
                : null));
    }

    private void EmitModuleClass(ModuleNode node, BlockTemplate template)
    {
        var members = node.Children.Where(n => n.HasState).Select(n => NodeMember(n, template, Names.Local, "stride")).ToList();
        var parameters = FixedLayers.PortsOf(node, template).Select(p => $"int {Names.Local(p)}").ToList();
        EmitClass(FixedLayers.Type(node), $"{template.Name}'s {node.Name}.", parameters, members, keepsResidual: false, () =>
            BranchCode.Emit(w, [new Branch()], _ => Steps(node.Children), _ => ""));
    }

    private IEnumerable<Func<string, string>> Steps(IEnumerable<ModuleNode> nodes) =>
        nodes.Select(node => (Func<string, string>)(value => layers.Apply(node, value)));

    private void EmitClass(string name, string summary, List<string> parameters, List<Member> members, bool keepsResidual, Action forward)
    {
        w.Line();
        w.Summary(summary);
        w.Block($"private sealed class {name} : Module<Tensor, Tensor>", () =>
        {
            Member.EmitFields(w, members);
            if (keepsResidual) w.Line("private readonly bool residual;");
            w.Line();
            w.Block($"public {name}({string.Join(", ", parameters)}, Device? device, ScalarType? dtype) : base(nameof({name}))", () =>
            {
                if (keepsResidual) w.Line("this.residual = residual;");
                Member.EmitAssignments(w, members);
            });
            w.Line();
            w.Block("public override Tensor forward(Tensor x)", forward);
        });
    }
}
