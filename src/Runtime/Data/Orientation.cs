namespace DataSsl.Runtime.Data;

/// <summary>The eight ways in which a picture may be stored (TIFF's tag 274, EXIF's too).</summary>
internal static class Orientation
{
    /// <summary>The picture upright.</summary>
    /// <param name="image">As stored.</param>
    /// <param name="orientation">Where the first row and column of what is stored lie in the picture: 1 for top and left, as they are; a
    /// number that is none of them counts as that.</param>
    public static Image Upright(Image image, int orientation)
    {
        var (isTurned, isMirrored, isUpsideDown) = Of(orientation);
        if (!isTurned && !isMirrored && !isUpsideDown) return image;
        var size = image.Format.Bytes;
        var (width, height) = isTurned ? (image.Height, image.Width) : (image.Width, image.Height);
        var from = image.Pixels.Span;
        var to = new byte[from.Length];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (column, row) = (isMirrored ? width - 1 - x : x, isUpsideDown ? height - 1 - y : y);
                if (isTurned) (column, row) = (row, column);
                from.Slice(size * (row * image.Width + column), size).CopyTo(to.AsSpan(size * (y * width + x)));
            }
        return image with { Width = width, Height = height, Pixels = to };
    }

    /// <summary>Whether rows and columns are exchanged, and whether what is then a row, or a column, runs backwards.</summary>
    public static (bool IsTurned, bool IsMirrored, bool IsUpsideDown) Of(int orientation) =>
        (orientation is >= 5 and <= 8, orientation is 2 or 3 or 6 or 7, orientation is 3 or 4 or 7 or 8);

    /// <summary>Where a rectangle of what is stored lies in the picture upright.</summary>
    /// <param name="box">The rectangle.</param>
    /// <param name="columns">Of what is stored.</param>
    /// <param name="rows">Of what is stored.</param>
    /// <param name="orientation">As for <see cref="Upright(Image, int)"/>.</param>
    public static PixelBox Upright(PixelBox box, int columns, int rows, int orientation)
    {
        var (isTurned, isMirrored, isUpsideDown) = Of(orientation);
        var (width, height) = isTurned ? (rows, columns) : (columns, rows);
        if (isTurned) box = new(box.Top, box.Left, box.Height, box.Width);
        return box with
        {
            Left = isMirrored ? width - box.Left - box.Width : box.Left,
            Top = isUpsideDown ? height - box.Top - box.Height : box.Top,
        };
    }
}
