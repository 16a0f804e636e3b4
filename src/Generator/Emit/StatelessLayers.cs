using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>Layers without weights, which every emitted class spells alike.</summary>
internal static class StatelessLayers
{
    public static string Apply(Layer layer, string value) => layer.Kind switch
    {
        LayerKind.Relu => $"{value}.relu_()",
        LayerKind.Relu6 => $"{value}.relu6_()",
        LayerKind.Gelu => $"functional.gelu({value})",
        LayerKind.MaxPool => $"functional.max_pool2d({value}, {layer.Kernel}, stride: {layer.Stride}, padding: {layer.Kernel / 2})",
        _ => throw new System.ArgumentException($"{layer.Kind} has weights", nameof(layer)),
    };
}
