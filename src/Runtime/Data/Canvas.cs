namespace DataSsl.Runtime.Data;

/// <summary>
/// A stored picture: 8-bit RGB, rows from the top, each row one run of red, one of green and one of blue
/// (<c>Rows[(y * 3 + channel) * Width + x]</c>, shape [H, 3, W]).
/// </summary>
/// <remarks>
/// With the channels between the two axes, resizing both axes is two matrix products without moving a single value in between:
/// [S, H] x [H, 3W], then the same memory as [S * 3, W] x [W, S].
/// </remarks>
public sealed record Canvas(int Width, int Height, byte[] Rows)
{
    /// <summary>Copies a rectangle into a larger [*, 3, <paramref name="stride"/>] block, from its top left corner.</summary>
    /// <param name="crop">The rectangle; must lie inside the picture.</param>
    /// <param name="target">At least <c>crop.Height * 3 * stride</c> bytes; what lies to the right of the rectangle is left alone.</param>
    /// <param name="stride">The block's width, at least <c>crop.Width</c>.</param>
    public void CopyTo(PixelBox crop, Span<byte> target, int stride)
    {
        var source = Rows.AsSpan(3 * crop.Top * Width);
        for (var line = 0; line < 3 * crop.Height; line++)
            source.Slice(line * Width + crop.Left, crop.Width).CopyTo(target[(line * stride)..]);
    }
}
