namespace DataSsl.Generator.Parsing;

/// <summary>
/// Bounds far beyond any real network, so that a slip of the keyboard gets a line of explanation and not a gigabyte of C#.
/// </summary>
internal static class Limits
{
    public const int Stages = 16;
    public const int Depth = 256;
    public const int Width = 1 << 14;
    public const int Size = 1 << 12;
    public const int Channels = 16;
    public const int Values = 1 << 10;
    public const int Constraints = 64;
    public const int Names = 256;

    /// <summary>The largest value of a kind of axis.</summary>
    public static int Of(string kind) => kind switch { "depth" => Depth, "size" => Size, _ => Width };
}
