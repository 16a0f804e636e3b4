using DataSsl.Kernels;

namespace DataSsl.Runtime.Data;

/// <summary>
/// The kernel of an antialiased resize; it is widened by the scale where an image is shrunk (Pillow's filters, torchvision's
/// <c>antialias=True</c>).
/// </summary>
public enum Interpolation
{
    /// <summary>A triangle, one pixel to each side.</summary>
    Bilinear,

    /// <summary>
    /// Keys's cubic with a = -1/2, two pixels to each side. It overshoots at edges, so views are cut to [0, 1] after it, as 8-bit images
    /// are.
    /// </summary>
    Bicubic,
}

/// <summary>The kernels themselves.</summary>
internal static class InterpolationKernel
{
    /// <summary>The filter of a kernel along one axis.</summary>
    /// <inheritdoc cref="ResizeFilter(int, int, double, double, double, int, Func{double, double}?)"/>
    public static ResizeFilter Filter(
        this Interpolation interpolation, int source, int target, double origin, double step, double total) =>
        interpolation == Interpolation.Bicubic
            ? new(source, target, origin, step, total, reach: 2, Cubic)
            : new(source, target, origin, step, total);

    private static double Cubic(double x) => x switch
    {
        < 1 => (1.5 * x - 2.5) * x * x + 1,
        < 2 => ((-0.5 * x + 2.5) * x - 4) * x + 2,
        _ => 0,
    };
}
