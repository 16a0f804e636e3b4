using System.Linq;

namespace DataSsl.Generator.Model;

/// <summary>A search space as declared: a family and the choices that it leaves open. Value-equal, free of Roslyn and YAML types.</summary>
/// <param name="Name">The C# name of the supernet class.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Family">A name of <see cref="Families.Family.All"/>.</param>
/// <param name="Summary">One sentence from the file for the emitted documentation; may be empty.</param>
/// <param name="InputChannels">Channels of an input image.</param>
/// <param name="InputSize">Side of the square input, in pixels, that MACs refer to unless another is given.</param>
/// <param name="LowResolutionStem">A 3x3 stride-1 stem without pooling, for inputs of 64 pixels and less.</param>
/// <param name="PatchSize">Side of the stem's square patches in pixels; 0 where the family has none.</param>
/// <param name="Strides">Stride of each stage's first block.</param>
/// <param name="Axes">The open choices in trie order: the stem's, then each stage's. The first varies slowest in an index.</param>
/// <param name="Anchors">Named architectures; any prefix slice of the largest network is legal, on the grid or off it.</param>
public sealed record Space(
    string Name,
    string Namespace,
    string Family,
    string Summary,
    int InputChannels,
    int InputSize,
    bool LowResolutionStem,
    int PatchSize,
    EquatableArray<int> Strides,
    EquatableArray<Axis> Axes,
    EquatableArray<Anchor> Anchors)
{
    /// <summary>How many architectures the grid holds.</summary>
    public long Count => Axes.Aggregate(1L, (count, axis) => checked(count * axis.Values.Count));

    /// <summary>Position of an axis in <see cref="Axes"/>, -1 where the space does not have it.</summary>
    public int AxisOf(string segment, string kind)
    {
        for (var i = 0; i < Axes.Count; i++)
            if (Axes[i].Segment == segment && Axes[i].Kind == kind)
                return i;
        return -1;
    }

    public EquatableArray<int> Max => Axes.Select(a => a.Max).ToEquatableArray();

    public EquatableArray<int> Min => Axes.Select(a => a.Min).ToEquatableArray();
}
