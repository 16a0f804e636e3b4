using System;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>
/// A whole number of the network as a product of a constant and choices: <c>4 * stage2.width</c>, <c>stage3.expansion * stage2.width</c>.
/// </summary>
/// <param name="Factor">The constant.</param>
/// <param name="Axes">Positions of the axes in the space, ascending; an axis may occur twice.</param>
public sealed record Quantity(long Factor, EquatableArray<int> Axes) : IEquatable<Quantity>
{
    /// <summary>The choice of one axis.</summary>
    public static Quantity Of(int axis) => new(1, new([axis]));

    /// <summary>A constant.</summary>
    public static implicit operator Quantity(int constant) => new(constant, default);

    /// <summary>The product, its axes in order.</summary>
    public static Quantity operator *(Quantity a, Quantity b) => new(
        a.Factor * b.Factor, b.Axes.Count == 0
            ? a.Axes
            : a.Axes.Count == 0
            ? b.Axes
            : a.Axes.Concat(b.Axes).OrderBy(axis => axis).ToEquatableArray());

    /// <summary>The number for an architecture's choices, which stand in the order of the space's axes.</summary>
    public long At(EquatableArray<int> choices)
    {
        var value = Factor;
        foreach (var axis in Axes.AsSpan()) value *= choices[axis];
        return value;
    }
}
