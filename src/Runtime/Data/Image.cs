namespace DataSsl.Runtime.Data;

/// <summary>
/// A picture: 8-bit RGB, rows from the top, pixels interleaved (<c>Rgb[(y * Width + x) * 3 + channel]</c>, shape [H, W, 3]).
/// </summary>
public sealed record Image(int Width, int Height, ReadOnlyMemory<byte> Rgb)
{
    /// <summary>Copies a rectangle into a larger [*, <paramref name="stride"/>, 3] block, from its top left corner.</summary>
    /// <param name="crop">The rectangle; must lie inside the picture.</param>
    /// <param name="target">At least <c>3 * crop.Height * stride</c> bytes; what lies to the right of the rectangle is left alone.</param>
    /// <param name="stride">The block's width in pixels, at least <c>crop.Width</c>.</param>
    public void CopyTo(PixelBox crop, Span<byte> target, int stride)
    {
        var source = Rgb.Span[(3 * (crop.Top * Width + crop.Left))..];
        for (var y = 0; y < crop.Height; y++)
            source.Slice(3 * y * Width, 3 * crop.Width).CopyTo(target[(3 * y * stride)..]);
    }
}

/// <summary>A rectangle of whole pixels.</summary>
public readonly record struct PixelBox(int Left, int Top, int Width, int Height);
