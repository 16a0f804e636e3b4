namespace DataSsl.Runtime;

/// <summary>One open choice of a space.</summary>
/// <param name="Segment">stem, stage1, stage2, …</param>
/// <param name="Kind">width, depth, expansion, kernel, …</param>
/// <param name="Values">The choices of the grid, ascending.</param>
public sealed record Axis(string Segment, string Kind, int[] Values)
{
    /// <summary>Whether the supernet holds a slice for this choice, on the grid or off it. Kernels are sliced about their centre, so only odd sides are legal.</summary>
    public bool Accepts(int value) => value >= 1 && value <= Max && (Kind != "kernel" || value % 2 == 1);

    /// <summary>The largest choice: what the supernet holds weights for.</summary>
    public int Max => Values[^1];
}

/// <summary>A part of the network that can run by itself: the stem or a stage.</summary>
/// <param name="Name">stem, stage1, …</param>
/// <param name="Tap">Name of its output map, C1 to C5.</param>
/// <param name="DepthAxis">The axis that says how many leading blocks run; -1 where all do.</param>
/// <param name="Blocks">Blocks of the deepest architecture.</param>
/// <param name="ChannelFactor">Output channels are this many times the choice of <paramref name="ChannelAxis"/>.</param>
/// <param name="ChannelAxis">Axis of the output channels; -1 where they are the factor itself.</param>
/// <param name="Axes">The axes that belong to this segment.</param>
public sealed record SegmentInfo(string Name, string Tap, int DepthAxis, int Blocks, int ChannelFactor, int ChannelAxis, int[] Axes);

/// <summary>A named architecture.</summary>
/// <param name="Choices">One value for each axis, on the grid or off it.</param>
public sealed record Anchor(string Name, int[] Choices);

/// <summary>A constraint between two axes, or between an axis and a value.</summary>
/// <param name="Left">Position of an axis.</param>
/// <param name="Relation">One of &lt; &lt;= == != &gt;= &gt;.</param>
/// <param name="Right">Position of another axis, or -1.</param>
/// <param name="Value">The value, where there is no other axis.</param>
public sealed record Comparison(int Left, string Relation, int Right, int Value = 0);

/// <summary>A budget that the space file names.</summary>
/// <param name="Text">As in <c>--budget</c>: <c>3-4G</c>, <c>params&lt;=25M</c>.</param>
public sealed record NamedBudget(string Name, string Text);
