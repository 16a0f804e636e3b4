using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A network for a dense task as it is emitted: an architecture of a plan as the backbone, and a head on its maps.</summary>
/// <param name="Network">The backbone's class, the origin, and the side of the square of the forms of one size.</param>
/// <param name="ClassName">Of the whole.</param>
/// <param name="Images">How images come to it.</param>
public sealed record DenseSpec(NetworkPlan Plan, FixedClassSpec Network, string ClassName, HeadSpec Head, ImageRule Images)
{
    /// <summary>Whether the backbone has one map, which a part of the whole brings to four scales.</summary>
    public bool HasScales => Plan.GivesTokens;

    /// <summary>Whether there is a pure C# class of it.</summary>
    public bool HasPure => Pure is not null;

    /// <summary>That class and the kernels that it names. A transformer's map comes to four scales by layers that have none.</summary>
    internal (string Source, IReadOnlyList<string> Kernels)? Pure => HasScales ? null : Head.PureSource(this);

    /// <summary>Of the pure C# class.</summary>
    public string PureName => ClassName + "Pure";

    /// <summary>The backbone's maps that the head stands on: C2 to C5, or the one of a transformer.</summary>
    public IReadOnlyList<Segment> Maps => HasScales ? [Plan.Taps.Last()] : [.. Plan.Taps.TakeLast(4)];

    /// <summary>Of C2 to C5.</summary>
    public int[] Channels
    {
        get
        {
            int[] channels = [.. Maps.Select(map => (int)map.Out.At(Network.Choices))];
            return channels is [var one] ? [one / 4, one / 2, one, one] : channels;
        }
    }

    /// <summary>Of C2 to C5, of images of the network's size.</summary>
    public int[] Sides
    {
        get
        {
            int[] sides =
            [
                .. Maps.Select(map => Plan.Geometry.SideAt(Plan.Geometry.After(Plan.Segments.ToList().IndexOf(map)), Network.Size)),
            ];
            return sides is [var one] ? [one * 4, one * 2, one, one / 2] : sides;
        }
    }
}
