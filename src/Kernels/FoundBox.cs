namespace DataSsl.Kernels;

/// <summary>A box that a detector found: its edges in pixels, its score from 0 to 1, and its class.</summary>
internal readonly record struct FoundBox(float Left, float Top, float Right, float Bottom, float Score, int Label)
{
    /// <summary>Intersection over union, in 64 bits; not a number for two without area.</summary>
    public double Overlap(in FoundBox other)
    {
        var width = Math.Max(0, Math.Min((double)Right, other.Right) - Math.Max((double)Left, other.Left));
        var height = Math.Max(0, Math.Min((double)Bottom, other.Bottom) - Math.Max((double)Top, other.Top));
        var common = width * height;
        return common / (Area + other.Area - common);
    }

    private double Area => ((double)Right - Left) * ((double)Bottom - Top);
}
