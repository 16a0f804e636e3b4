using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Costs;

/// <summary>A block of an architecture as far as its time goes: two of one shape take the same.</summary>
/// <param name="Text">Kind, channels and the like, stride, shortcut and side, in words.</param>
/// <param name="Input">Shape of its input for one image: [1, C, H, W], or tokens [1, T, C].</param>
internal sealed record BlockShape(string Text, long[] Input)
{
    /// <param name="at">0 for the first block of the segment, 1 for any other.</param>
    public static BlockShape Of(NetworkPlan plan, int segment, int at, EquatableArray<int> choices, int size)
    {
        var block = plan.Segments[segment].Blocks[at];
        var before = at > 0 ? plan.Geometry.After(segment) : segment > 0 ? plan.Geometry.After(segment - 1) : Place.Input;
        long side = plan.Geometry.SideAt(before, size);
        var channels = block.Port(block.Template.Input).At(choices);
        long[] input = before.Tokens ? [1, plan.Geometry.PositionsAt(before, size), channels] : [1, channels, side, side];
        var ports = string.Join('x', block.Ports.Select(port => port.At(choices)));
        return new(FormattableString.Invariant($"{block.Template.Name} {ports} stride {block.Stride} {block.Shortcut} at {side}"), input);
    }
}
