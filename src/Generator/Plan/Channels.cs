using DataSsl.Generator.Model;

namespace DataSsl.Generator.Plan;

/// <summary>A channel count: a multiple of one choice of the architecture (<c>4 * stage2.width</c>), or a constant.</summary>
/// <param name="Factor">The multiple, or the constant itself.</param>
/// <param name="Axis">Position of the axis in the space, -1 for a constant.</param>
public readonly record struct Channels(int Factor, int Axis)
{
    public static Channels Fixed(int count) => new(count, -1);

    public int At(EquatableArray<int> choices) => Axis < 0 ? Factor : Factor * choices[Axis];
}
