using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    private void EmitBlockClass(BlockTemplate template)
    {
        var main = template.Main.Where(HasWeights).ToList();
        // Keys such as downsample.0 are those of a Sequential named downsample.
        var shortcut = template.Projection.Count == 0 ? null : template.Projection[0].Name.Split('.')[0];
        var names = main.Select(l => l.Name).ToList();
        w.Summary(template.Summary);
        w.Block($"private sealed class {template.Name} : Module<Tensor, Tensor>", () =>
        {
            foreach (var layer in main) w.Line($"private readonly {TypeOf(layer)} {Names.Field(layer.Name)};");
            if (shortcut is not null) w.Line($"private readonly Sequential? {shortcut};");
            w.Line("private bool registered;").Line();
            EmitBlockConstructor(template, main, shortcut);
            w.Line("/// <inheritdoc/>");
            w.Block("protected override void RegisterComponents()", () =>
            {
                w.Line("if (registered) return;").Line("registered = true;");
                foreach (var name in names) w.Line($"register_module({Names.Literal(name)}, {Names.Field(name)});");
                if (shortcut is not null) w.Line($"if ({shortcut} is not null) register_module({Names.Literal(shortcut)}, {shortcut});");
            });
            w.Line();
            EmitBlockForward(template, shortcut);
            EmitDispose(names, shortcut);
        });
    }

    private void EmitBlockConstructor(BlockTemplate template, List<Layer> main, string? shortcut)
    {
        var ports = string.Join(", ", template.Ports.Select(p => $"int {Names.Local(p)}"));
        w.Block($"public {template.Name}({ports}, int stride, bool project, Device? device, ScalarType? dtype) : base(nameof({template.Name}))", () =>
        {
            foreach (var layer in main) w.Line($"{Names.Field(layer.Name)} = {New(layer, Names.Local, Stride(layer))};");
            if (shortcut is not null)
                w.Line($"if (project) {shortcut} = Sequential({string.Join(", ", template.Projection.Select(l => New(l, Names.Local, Stride(l))))});");
            w.Line("RegisterComponents();");
        });
        w.Line();

        static string Stride(Layer layer) => layer.Strided ? "stride" : Names.Number(layer.Stride);
    }

    private void EmitBlockForward(BlockTemplate template, string? shortcut)
    {
        w.Block("public override Tensor forward(Tensor x)", () =>
        {
            w.Line("using var scope = NewDisposeScope();");
            var value = "x";
            foreach (var layer in template.Main)
            {
                w.Line($"{(value == "x" ? "var y" : "y")} = {Apply(layer, value)};");
                value = "y";
            }
            if (template.Residual) w.Line($"y.add_({(shortcut is null ? "x" : $"{shortcut} is null ? x : {shortcut}.call(x)")}).relu_();");
            w.Line("return y.MoveToOuterDisposeScope();");
        });
        w.Line();
    }

    private void EmitDispose(IEnumerable<string> names, string? optional = null)
    {
        w.Line("/// <inheritdoc/>");
        w.Block("protected override void Dispose(bool disposing)", () =>
        {
            w.Block("if (disposing)", () =>
            {
                foreach (var name in names) w.Line($"{Names.Field(name)}.Dispose();");
                if (optional is not null) w.Line($"{optional}?.Dispose();");
            });
            w.Line("base.Dispose(disposing);");
        });
    }
}
