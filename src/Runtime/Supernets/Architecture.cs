namespace DataSsl.Runtime.Supernets;

/// <summary>
/// One network of a space in the form that the runtime works with: a value for each axis. Generated code offers the typed form
/// (<c>DataResNet.Arch</c>), which converts to this one.
/// </summary>
public sealed class Architecture : IEquatable<Architecture>
{
    private readonly int[] choices;

    /// <summary>Checks each value against its axis; a <see cref="UserException"/> says which one does not fit.</summary>
    public Architecture(SearchSpace space, params int[] choices)
    {
        if (choices.Length != space.Axes.Count)
            throw new UserException($"{space.Name} has {space.Axes.Count} axes ({space.AxisNames}), not {choices.Length}");
        Space = space;
        this.choices = [.. choices];
        for (var i = 0; i < choices.Length; i++) space.CheckChoice(i, this.choices[i]);
    }

    /// <summary>The space that it is of.</summary>
    public SearchSpace Space { get; }

    /// <summary>The choice of an axis.</summary>
    public int this[int axis] => choices[axis];

    /// <summary>The choice of every axis, in the order of the space's axes.</summary>
    public ReadOnlySpan<int> Choices => choices;

    /// <summary>Blocks that run in a segment.</summary>
    public int Depth(int segment) =>
        Space.Segments[segment] is { DepthAxis: >= 0 } s ? choices[s.DepthAxis] : Space.Segments[segment].Blocks;

    /// <summary>Channels of a segment's output map.</summary>
    public int Channels(int segment) =>
        Space.Segments[segment] is { ChannelAxis: >= 0 } s
            ? s.ChannelFactor * choices[s.ChannelAxis]
            : Space.Segments[segment].ChannelFactor;

    /// <summary>Channels of the embedding.</summary>
    public int EmbeddingChannels => Channels(Space.Segments.Count - 1);

    /// <summary>Throws where generated code of one space is given an architecture of another.</summary>
    public void MustBeOf(SearchSpace space)
    {
        if (Space != space) throw new ArgumentException($"this is an architecture of {Space.Name}, not of {space.Name}");
    }

    /// <summary>Whether it has the same choices in the same space.</summary>
    public bool Equals(Architecture? other) => other is not null && other.Space == Space && choices.AsSpan().SequenceEqual(other.choices);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Architecture);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var choice in choices) hash.Add(choice);
        return hash.ToHashCode();
    }

    /// <summary>The canonical text: <c>stem=32 stage1=48x2 stage2=96x4 …</c>.</summary>
    public override string ToString() => Space.Text.Format(choices);
}
