using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>How each kind of layer is spelled in a supernet: its runtime class, its declaration and its call.</summary>
internal static class SupernetLayers
{
    public static string Type(Layer layer) => layer.Kind switch
    {
        LayerKind.Conv => "SlicedConv2d",
        LayerKind.Depthwise => "SlicedDepthwiseConv2d",
        LayerKind.BatchNorm => "SlicedBatchNorm2d",
        LayerKind.Patches => "SlicedPatches",
        LayerKind.ClassToken => "SlicedClassToken",
        LayerKind.Positions => "SlicedPositions",
        LayerKind.LayerNorm => "SlicedLayerNorm",
        _ => "SlicedLinear",
    };

    /// <summary>The call of the base class that declares the layer's weights.</summary>
    public static string Declare(Layer layer)
    {
        var key = $"Key(key, {Names.Literal(layer.Name)})";
        var (@in, @out, stride) = (Names.Local(layer.In), Names.Local(layer.Out), layer.Strided ? "stride" : Digits.Of(layer.Stride));
        return "net." + layer.Kind switch
        {
            LayerKind.Conv => $"Conv2d({key}, {@in}, {@out}, kernel: {layer.Kernel}, stride: {stride})",
            LayerKind.Depthwise => $"DepthwiseConv2d({key}, {@out}, {Names.Local(layer.KernelPort)}, stride: {stride})",
            LayerKind.BatchNorm => $"BatchNorm2d({key}, {@out})",
            LayerKind.Patches => $"Patches({key}, {@in}, {@out}, side: {layer.Kernel})",
            LayerKind.ClassToken => $"ClassToken({key}, {@out})",
            LayerKind.Positions => $"Positions({key}, {@out}, tokens: {layer.Length})",
            LayerKind.LayerNorm => $"LayerNorm({key}, {@out})",
            _ => $"Linear({key}, {@in}, {@out}{(layer.Parts == 1 ? "" : $", parts: {layer.Parts}")})",
        };
    }

    /// <summary>The layer on a value.</summary>
    public static string Apply(Layer layer, string value)
    {
        var (@in, @out) = (Names.Local(layer.In), Names.Local(layer.Out));
        var forward = $"{Names.Field(layer.Name)}.forward({value}";
        return layer.Kind switch
        {
            LayerKind.Conv or LayerKind.Patches or LayerKind.Linear => $"{forward}, {@in}, {@out})",
            LayerKind.Depthwise => $"{forward}, {@out}, {Names.Local(layer.KernelPort)})",
            LayerKind.Attention => $"Attention.forward({value}, headSize: {layer.Length})",
            _ => layer.HasState ? $"{forward}, {@out})" : StatelessLayers.Apply(layer, value),
        };
    }

    /// <summary>A BatchNorm with what comes after it in the same pass.</summary>
    /// <param name="add">The expression of what is added to its result; empty for nothing.</param>
    /// <param name="activation">Comes last; null for none.</param>
    public static string ApplyNorm(Layer norm, string value, Layer? activation, string add = "")
    {
        var kind = activation is not null ? $", Activation.{activation.Kind}" : add.Length > 0 ? ", Activation.None" : "";
        return $"{Names.Field(norm.Name)}.forward({value}, {Names.Local(norm.Out)}{kind}{(add.Length > 0 ? $", {add}" : "")})";
    }
}
