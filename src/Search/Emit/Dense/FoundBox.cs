namespace DataSsl.Search.Emit.Dense;

/// <summary>An object that a detector found.</summary>
/// <param name="Box">Left, top, right and bottom edge in pixels.</param>
/// <param name="Score">From 0 to 1.</param>
/// <param name="Label">The class's number.</param>
public sealed record FoundBox((float Left, float Top, float Right, float Bottom) Box, float Score, int Label)
{
    /// <summary>The largest distance of two edges, in pixels.</summary>
    internal double Distance(FoundBox other) => new[]
    {
        (double)Box.Left - other.Box.Left, (double)Box.Top - other.Box.Top, (double)Box.Right - other.Box.Right,
        (double)Box.Bottom - other.Box.Bottom,
    }.Max(Math.Abs);
}
