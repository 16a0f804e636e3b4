namespace DataSsl.Runtime.Data;

/// <summary>
/// A picture: rows from the top, the bands of a pixel side by side. Of red, green and blue in 8 bits, unless <see cref="Format"/> says
/// otherwise (<c>Pixels[(y * Width + x) * 3 + channel]</c>, shape [H, W, 3]); 16 bits are two bytes, the low one first.
/// </summary>
public sealed record Image(int Width, int Height, ReadOnlyMemory<byte> Pixels)
{
    /// <summary>What a pixel holds.</summary>
    public PixelFormat Format { get; init; } = PixelFormat.Rgb;

    /// <summary>
    /// What people are shown, [H, W, 3] of 8 bits: the first three bands as red, green and blue, or the first alone as grey; of 16 bits the
    /// high byte. The pixels themselves where they are that.
    /// </summary>
    public ReadOnlyMemory<byte> Rgb
    {
        get
        {
            if (Format == PixelFormat.Rgb) return Pixels;
            var pixels = Pixels.Span;
            var (rgb, size) = (new byte[3 * Width * Height], Format.Bits / 8);
            for (var i = 0; i < rgb.Length; i++)
            {
                var band = Format.Bands < 3 ? 0 : i % 3;
                rgb[i] = pixels[size * (i / 3 * Format.Bands + band) + size - 1];
            }
            return rgb;
        }
    }

    /// <summary>Sums over rows of it.</summary>
    internal PixelRows Rows => new(this);

    /// <summary>Copies a rectangle into a larger [*, <paramref name="stride"/>, bands] block, from its top left corner.</summary>
    /// <param name="crop">The rectangle; must lie inside the picture.</param>
    /// <param name="target">The block's bytes; what lies to the right of the rectangle is left alone.</param>
    /// <param name="stride">The block's width in pixels, at least <c>crop.Width</c>.</param>
    public void CopyTo(PixelBox crop, Span<byte> target, int stride)
    {
        var size = Format.Bytes;
        var source = Pixels.Span[(size * (crop.Top * Width + crop.Left))..];
        for (var y = 0; y < crop.Height; y++)
            source.Slice(size * y * Width, size * crop.Width).CopyTo(target[(size * y * stride)..]);
    }
}

/// <summary>A rectangle of whole pixels.</summary>
public readonly record struct PixelBox(int Left, int Top, int Width, int Height)
{
    /// <summary>As names of parts of pictures have it: <c>left,top,width,height</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Left},{Top},{Width},{Height}");
}
