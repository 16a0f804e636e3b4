namespace DataSsl.Search.Onnx;

/// <summary>
/// How values are kept in a byte: as <c>Scale * (byte - Zero)</c>. Zero is kept exactly, for it is what maps are padded with (Jacob et al.
/// 2018, section 2.1).
/// </summary>
/// <param name="Scale">From one byte to the next.</param>
/// <param name="Zero">The byte of 0.</param>
public readonly record struct ByteRange(float Scale, byte Zero)
{
    /// <summary>The range from a value to another, and to 0 where that lies outside.</summary>
    public static ByteRange Of(double least, double most)
    {
        (least, most) = (Math.Min(0, least), Math.Max(0, most));
        // Where all values are 0, any scale keeps them.
        var scale = most > least ? (float)((most - least) / byte.MaxValue) : 1;
        return new(scale, (byte)Math.Round(-least / scale));
    }
}
