using DataSsl.Generator.Plan;
using DataSsl.Search.Onnx;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Networks;

/// <summary>What the weights file of a pure class in 8 bits holds.</summary>
/// <param name="Layers">The keys of the layers that multiply bytes.</param>
/// <param name="Entries">Of these the weights in bytes, their scales and the input's scale and zero; of all others, and of biases, what the
/// class for inference has.</param>
internal sealed record ByteState(IReadOnlyList<string> Layers, IReadOnlyList<(string Name, Tensor Tensor)> Entries)
{
    private const string Weight = ".weight", Scale = ".scale", Input = ".input";

    /// <summary>That of an architecture: convolutions and matrices, but for those of images and of a head.</summary>
    /// <param name="state">Of the class for inference.</param>
    /// <param name="input">Of a layer, the range of what it takes; null where it stays in 32 bits.</param>
    public static ByteState Of(
        NetworkPlan plan, EquatableArray<int> choices, IReadOnlyDictionary<string, Tensor> state, Func<string, ByteRange?> input)
    {
        var layers = plan.ActiveBlocks(choices).Where(placed => placed.Segment != plan.Segments[0])
            .SelectMany(placed => placed.Block.Layers
                .Where(layer => layer.HasWeights)
                .Select(layer => NetworkPlan.KeyOf(placed.Key, layer)))
            .Where(key => input(key) is not null).ToList();
        var entries = new List<(string, Tensor)>();
        foreach (var layer in layers)
        {
            var (weight, range) = (state[layer + Weight], input(layer)!.Value);
            var scales = ByteWeights.Scales(weight, 0);
            entries.Add((layer + Weight, ByteWeights.Whole(weight, scales, 0)));
            entries.Add((layer + Scale, scales.to(ScalarType.Float32)));
            entries.Add((layer + Input, tensor(new[] { range.Scale, range.Zero })));
        }
        var whole = layers.Select(layer => layer + Weight).ToHashSet();
        return new(layers, [.. entries, .. state.Where(entry => !whole.Contains(entry.Key)).Select(entry => (entry.Key, entry.Value))]);
    }
}
