using System.Linq;

namespace DataSsl.SearchSpaces;

/// <summary>A search space as declared: a family and the choices that it leaves open. Value-equal.</summary>
/// <param name="Name">The C# name of the supernet class.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Family">The kind of network.</param>
/// <param name="Summary">One sentence from the file for the emitted documentation; may be empty.</param>
/// <param name="InputChannels">Channels of an input image.</param>
/// <param name="InputSizes">Sides of the square input, in pixels, ascending.</param>
/// <param name="LowResolutionStem">A 3x3 stride-1 stem without pooling, for inputs of 64 pixels and less.</param>
/// <param name="PatchSize">Side of the stem's square patches in pixels; 0 where the family has none.</param>
/// <param name="Strides">Stride of each stage's first block.</param>
/// <param name="Axes">The open choices in trie order: the stem's, then each stage's. The first varies slowest in an index.</param>
/// <param name="Anchors">Named architectures; any prefix slice of the largest network is legal, on the grid or off it.</param>
/// <param name="Constraints">What every member of the grid fulfils.</param>
/// <param name="Budgets">Named budgets.</param>
public sealed record Space(
    string Name,
    string Namespace,
    string Family,
    string Summary,
    int InputChannels,
    EquatableArray<int> InputSizes,
    bool LowResolutionStem,
    int PatchSize,
    EquatableArray<int> Strides,
    EquatableArray<Axis> Axes,
    EquatableArray<Anchor> Anchors,
    EquatableArray<Comparison> Constraints,
    EquatableArray<NamedBudget> Budgets)
{
    /// <summary>Counts and costs of a space stay below this, so that sums of them fit 64 bits.</summary>
    public const long Most = 1L << 62;

    /// <summary>The input side that MACs refer to unless another is given: the largest.</summary>
    public int InputSize => InputSizes[InputSizes.Count - 1];

    /// <summary>How many architectures the grid holds.</summary>
    public long Count => Grid()!.Count;

    /// <summary>The grid under the constraints; null where they couple too many axes, which the parser refuses.</summary>
    public ChoiceDiagram? Grid() => ChoiceDiagram.TryBuild(Axes, Constraints);

    /// <summary>Its architectures as text.</summary>
    public ArchitectureText Text() => new(Axes, Anchors, Grid()!);

    /// <summary>Position of an axis in <see cref="Axes"/>, -1 where the space does not have it.</summary>
    public int AxisOf(string segment, string kind)
    {
        for (var i = 0; i < Axes.Count; i++)
            if (Axes[i].Segment == segment && Axes[i].Kind == kind)
                return i;
        return -1;
    }

    /// <summary>
    /// The largest choice of each axis, in the order of <see cref="Axes"/>, whether or not the constraints allow them together.
    /// </summary>
    public EquatableArray<int> Max => Axes.Select(a => a.Max).ToEquatableArray();

    /// <summary>
    /// The smallest choice of each axis, in the order of <see cref="Axes"/>, whether or not the constraints allow them together.
    /// </summary>
    public EquatableArray<int> Min => Axes.Select(a => a.Min).ToEquatableArray();
}
