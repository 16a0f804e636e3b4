using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>How many values a layer makes of one square image: what every count of memory is made of.</summary>
public static class LayerValues
{
    /// <summary>The values of a layer's output, whether they take room of their own or not.</summary>
    /// <param name="place">Where the layer stands (<see cref="Geometry.Of"/>).</param>
    /// <param name="input">The values of its input.</param>
    public static long OutputOf(
        this NetworkPlan plan, Block block, Layer layer, Place place, EquatableArray<int> choices, int size, long input) =>
        layer.IsPooling ? input / (layer.Stride * layer.Stride)
            : layer.Out.Length == 0 ? input
            : plan.Geometry.PositionsAt(place, size) * layer.Parts * block.Port(layer.Out).At(choices);

    /// <summary>An attention's scores: one for every pair of tokens and head; none of any other layer.</summary>
    public static long ScoresOf(this NetworkPlan plan, Block block, Layer layer, Place place, EquatableArray<int> choices, int size)
    {
        if (layer.HeadSize == 0) return 0;
        var tokens = plan.Geometry.PositionsAt(place, size);
        return tokens * tokens * block.Port(layer.Out).At(choices) / layer.HeadSize;
    }
}
