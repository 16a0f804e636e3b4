using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

internal sealed partial class SupernetEmitter
{
    /// <summary>One nested class a template: sliced layers as fields and a forward that names the slice of each.</summary>
    private void EmitTemplate(BlockTemplate template)
    {
        w.Summary($"{template.Summary} [N, {template.Ports[0]}, H, W] -> [N, {template.Ports[template.Ports.Count - 1]}, H', W'].");
        w.Block($"private sealed class {template.Name}", () =>
        {
            foreach (var layer in template.Main.Where(HasWeights)) w.Line($"private readonly {TypeOf(layer)} {Names.Field(layer.Name)};");
            foreach (var layer in template.Projection.Where(HasWeights)) w.Line($"private readonly {TypeOf(layer)}? {Names.Field(layer.Name)};");
            w.Line();
            EmitTemplateConstructor(template);
            w.Line();
            EmitTemplateForward(template);
        });
        w.Line();
    }

    private static bool HasWeights(Layer layer) => layer.Kind is LayerKind.Conv or LayerKind.Norm;

    private static string TypeOf(Layer layer) => layer.Kind == LayerKind.Conv ? "SlicedConv2d" : "SlicedBatchNorm2d";

    private void EmitTemplateConstructor(BlockTemplate template)
    {
        var ports = string.Join(", ", template.Ports.Select(p => $"int[] {Names.Local(p)}"));
        var shape = (Strided(template) ? ", int stride" : "") + (template.Projection.Count > 0 ? ", bool project" : "");
        w.Block($"public {template.Name}({space.Name} net, string key, {ports}{shape})", () =>
        {
            foreach (var layer in template.Main.Where(HasWeights)) w.Line(Declare(template, layer));
            if (template.Projection.Count == 0) return;
            w.Line("if (!project) return;");
            foreach (var layer in template.Projection) w.Line(Declare(template, layer));
        });
    }

    private static string Declare(BlockTemplate template, Layer layer)
    {
        var key = $"Key(key, {Names.Literal(layer.Name)})";
        if (layer.Kind == LayerKind.Norm)
        {
            // The last BatchNorm of a residual branch starts at zero, so that every block starts as its shortcut (zero_init_residual).
            var zero = template.Residual && layer == template.Main[template.Main.Count - 1] ? ", zeroScale: true" : "";
            return $"{Names.Field(layer.Name)} = net.BatchNorm2d({key}, {Names.Local(layer.Out)}{zero});";
        }
        var stride = layer.Strided ? "stride" : Names.Number(layer.Stride);
        return $"{Names.Field(layer.Name)} = net.Conv2d({key}, {Names.Local(layer.In)}, {Names.Local(layer.Out)}, kernel: {layer.Kernel}, stride: {stride});";
    }

    private void EmitTemplateForward(BlockTemplate template)
    {
        w.Block($"public Tensor forward(Tensor x, {string.Join(", ", template.Ports.Select(p => $"int {Names.Local(p)}"))})", () =>
        {
            w.Line("using var scope = NewDisposeScope();");
            var value = "x";
            foreach (var layer in template.Main)
            {
                w.Line($"{(value == "x" ? "var y" : "y")} = {Apply(layer, value)};");
                value = "y";
            }
            if (template.Residual)
            {
                if (template.Projection.Count == 0) w.Line("y.add_(x).relu_();");
                else
                {
                    var projected = template.Projection.Aggregate("x", (v, layer) => Apply(layer, v, "!"));
                    w.Line($"var shortcut = {Names.Field(template.Projection[0].Name)} is null ? x : {projected};");
                    w.Line("y.add_(shortcut).relu_();");
                }
            }
            w.Line("return y.MoveToOuterDisposeScope();");
        });
    }

    private static string Apply(Layer layer, string value, string sure = "") => layer.Kind switch
    {
        LayerKind.Conv => $"{Names.Field(layer.Name)}{sure}.forward({value}, {Names.Local(layer.In)}, {Names.Local(layer.Out)})",
        LayerKind.Norm => $"{Names.Field(layer.Name)}{sure}.forward({value}, {Names.Local(layer.Out)})",
        LayerKind.Relu => $"{value}.relu_()",
        _ => $"functional.max_pool2d({value}, {layer.Kernel}, stride: {layer.Stride}, padding: {layer.Padding})",
    };
}
