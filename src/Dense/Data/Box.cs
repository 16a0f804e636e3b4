namespace DataSsl.Dense.Data;

/// <summary>A rectangle in pixels of its image, as COCO writes it: the pixel in column x covers x to x + 1.</summary>
public readonly record struct Box(double Left, double Top, double Width, double Height)
{
    /// <summary>The right edge, which is outside.</summary>
    public double Right => Left + Width;

    /// <summary>The lower edge, which is outside.</summary>
    public double Bottom => Top + Height;

    /// <summary>Square pixels.</summary>
    public double Area => Width * Height;

    /// <summary>
    /// Intersection over union, 0 where they do not meet; over this box's area alone where the other is a crowd, of which it may be any
    /// part.
    /// </summary>
    public double Iou(Box other, bool isCrowd = false)
    {
        var (width, height) = (Math.Min(Right, other.Right) - Math.Max(Left, other.Left),
            Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
        if (width <= 0 || height <= 0) return 0;
        var intersection = width * height;
        return intersection / (isCrowd ? Area : Area + other.Area - intersection);
    }

    /// <summary>The part inside of an image; of no area where there is none.</summary>
    public Box Inside(int width, int height)
    {
        var (left, top) = (Math.Clamp(Left, 0, width), Math.Clamp(Top, 0, height));
        // A box that lies inside keeps its numbers to the last bit.
        return left == Left && top == Top && Right <= width && Bottom <= height ? this
            : new(left, top, Math.Clamp(Right, 0, width) - left, Math.Clamp(Bottom, 0, height) - top);
    }
}
