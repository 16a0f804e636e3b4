namespace DataSsl.SearchSpaces;

/// <summary>One open choice of a space, such as the width of stage 1.</summary>
/// <param name="Segment">stem, stage1, stage2, …</param>
/// <param name="Kind">width, depth, expansion, kernel, …</param>
/// <param name="Values">The choices of the grid, ascending.</param>
public sealed record Axis(string Segment, string Kind, EquatableArray<int> Values)
{
    /// <summary>
    /// The kernel of a depthwise convolution: sliced about its centre, so only odd sides are legal. Every other choice is a leading part.
    /// </summary>
    public const string Kernel = "kernel";

    /// <summary>The smallest choice of the grid; the supernet holds smaller slices too.</summary>
    public int Min => Values[0];

    /// <summary>The largest choice: what the supernet holds weights for.</summary>
    public int Max => Values[Values.Count - 1];

    /// <summary>As constraints name it: <c>stage1.width</c>.</summary>
    public string Path => $"{Segment}.{Kind}";

    /// <summary>What <see cref="Accepts"/> accepts, in words.</summary>
    public string Accepted => $"{(Kind == Kernel ? "odd sides up to" : "1 to")} {Max}";

    /// <summary>Whether the supernet holds a slice for this choice, on the grid or off it.</summary>
    public bool Accepts(int value) => value >= 1 && value <= Max && (Kind != Kernel || value % 2 == 1);

    /// <summary>Why it holds none for this one.</summary>
    public string Refusal(int value) => $"{Segment} {Kind} {value} is out of range: the supernet holds {Accepted}";
}
