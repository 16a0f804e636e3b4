namespace DataSsl.Runtime.Data;

/// <summary>The kernel of an antialiased resize; it is widened by the scale where an image is shrunk (Pillow's filters, torchvision's <c>antialias=True</c>).</summary>
public enum Interpolation
{
    /// <summary>A triangle, one pixel to each side.</summary>
    Bilinear,

    /// <summary>Keys's cubic with a = -1/2, two pixels to each side. It overshoots at edges, so views are cut to [0, 1] after it, as 8-bit images are.</summary>
    Bicubic,
}
