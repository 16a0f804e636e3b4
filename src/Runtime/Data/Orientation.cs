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
        if (orientation is < 2 or > 8) return image;
        var (isTurned, size) = (orientation >= 5, image.Format.Bytes);
        var (width, height) = isTurned ? (image.Height, image.Width) : (image.Width, image.Height);
        var isMirrored = orientation is 2 or 3 or 6 or 7;
        var isUpsideDown = orientation is 3 or 4 or 7 or 8;
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
}
