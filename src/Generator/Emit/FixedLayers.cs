using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.Kernels;

namespace DataSsl.Generator.Emit;

/// <summary>How modules are spelled over the TorchSharp API alone: their types, their making and their calls.</summary>
/// <param name="w">Where a layer that takes more than an expression writes its statements.</param>
internal sealed class FixedLayers(SourceWriter w)
{
    /// <summary>The class of a folded convolution, whose source stands below the network's.</summary>
    public const string Fused = "FusedConv2d";

    private const string Options = "device: device, dtype: dtype";

    public static string Type(ModuleNode node) => node.Layer?.Kind switch
    {
        null => node.IsSequential ? "Sequential" : Names.Pascal(node.Name),
        LayerKind.Conv or LayerKind.Depthwise when node.Layer.Biased => Fused,
        LayerKind.Conv or LayerKind.Depthwise or LayerKind.Patches => "Conv2d",
        LayerKind.BatchNorm => "BatchNorm2d",
        LayerKind.LayerNorm => "LayerNorm",
        LayerKind.Linear => "Linear",
        _ => "Parameter",
    };

    /// <param name="port">How a port of the template is written here.</param>
    /// <param name="stride">How a block's stride is written here.</param>
    public static string New(ModuleNode node, BlockTemplate template, Func<string, string> port, string stride)
    {
        if (node.Layer is not null) return New(node.Layer, port, stride);
        return node.IsSequential
            ? Sequential(node.Children.Select(c => (c.Name, New(c, template, port, stride))).ToList())
            : $"new {Type(node)}({string.Concat(PortsOf(node, template).Select(p => $"{Names.Local(p)}: {port(p)}, "))}device, dtype)";
    }

    /// <summary>The ports that a module of its own needs, in the template's order.</summary>
    public static IEnumerable<string> PortsOf(ModuleNode node, BlockTemplate template) =>
        template.Ports.Where(p => node.Layers.Any(l => l.HasState && (l.In == p || l.Out == p || l.KernelPort == p)));

    /// <summary>A Sequential; its children keep their numbers where some are left out.</summary>
    public static string Sequential(IReadOnlyList<(string Name, string New)> children)
    {
        var complete = children.Select((c, i) => c.Name == Digits.Of(i)).All(same => same);
        return List(
            "Sequential", children.Select(c => complete ? c.New : $"({Names.Literal(c.Name)}, {c.New})").ToList(),
            lines: children.Any(c => c.New.StartsWith("Sequential", StringComparison.Ordinal)));
    }

    public static string List(string head, IReadOnlyList<string> items, bool lines) => lines
        ? $"{head}(\n{string.Join(",\n", items.Select(item => "    " + item.Replace("\n", "\n    ")))})"
        : $"{head}({string.Join(", ", items)})";

    /// <summary>The expression of a module on a value.</summary>
    public string Apply(ModuleNode node, string value)
    {
        var field = Names.Field(node.Name);
        switch (node.Layer?.Kind)
        {
            case LayerKind.Patches:
                return $"{field}.call({value}).flatten(2).transpose(1, 2)";
            case LayerKind.ClassToken:
                return $"cat([{field}.expand({value}.shape[0], -1, -1), {value}], 1)";
            case LayerKind.Positions:
                return $"{value}.add_(resize({field}, {value}.shape[1]))";
            case LayerKind.Attention:
                w.Line(
                    $"var heads = {value}.unflatten(2, 3, -1, {node.Layer.Length}).permute(2, 0, 3, 1, 4).unbind(0); // q, k and v: [N, heads, T, {node.Layer.Length}]");
                return "functional.scaled_dot_product_attention(heads[0], heads[1], heads[2]).transpose(1, 2).flatten(2)";
            default:
                return node.HasState ? $"{field}.call({value})" : StatelessLayers.Apply(node.Layer!, value);
        }
    }

    private static string New(Layer layer, Func<string, string> port, string stride)
    {
        stride = layer.Strided ? stride : Digits.Of(layer.Stride);
        var strided = stride == "1" ? "" : $", stride: {stride}";
        return layer.Kind switch
        {
            LayerKind.Conv when layer.Biased =>
                $"new {Fused}({port(layer.In)}, {port(layer.Out)}, {layer.Kernel}{strided}{Activation()}, {Options})",
            LayerKind.Depthwise when layer.Biased =>
                $"new {Fused}({port(layer.In)}, {port(layer.Out)}, {port(layer.KernelPort)}{strided}, groups: {port(layer.Out)}{Activation()}, {Options})",
            LayerKind.Conv =>
                $"Conv2d({port(layer.In)}, {port(layer.Out)}, {layer.Kernel}{strided}{(layer.Kernel == 1 ? "" : $", padding: {layer.Kernel / 2}")}, bias: false, {Options})",
            LayerKind.Depthwise =>
                $"Conv2d({port(layer.In)}, {port(layer.Out)}, {port(layer.KernelPort)}{strided}, padding: {port(layer.KernelPort)} / 2, groups: {port(layer.Out)}, bias: false, {Options})",
            LayerKind.Patches => $"Conv2d({port(layer.In)}, {port(layer.Out)}, {layer.Kernel}{strided}, {Options})",
            LayerKind.BatchNorm => $"BatchNorm2d({port(layer.Out)}, {Options})",
            LayerKind.LayerNorm => $"LayerNorm({port(layer.Out)}, eps: {Names.Small(NormEpsilon.Layer)}, {Options})",
            LayerKind.Linear => $"Linear({port(layer.In)}, {(layer.Parts == 1 ? "" : $"{layer.Parts} * ")}{port(layer.Out)}, {Options})",
            LayerKind.ClassToken => $"Parameter(zeros(1, 1, {port(layer.Out)}, {Options}))",
            LayerKind.Positions => $"Parameter(zeros(1, {layer.Length}, {port(layer.Out)}, {Options}))",
            LayerKind.Relu => "ReLU(inplace: true)",
            LayerKind.Relu6 => "ReLU6(inplace: true)",
            LayerKind.Gelu => "GELU()",
            _ => throw new ArgumentException($"{layer.Kind} is no module", nameof(layer)),
        };

        string Activation() => layer.Activation is { } kind ? $", activation: {Names.Literal(kind.ToString().ToLowerInvariant())}" : "";
    }
}
