using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>Where a view's pixels lie in an image.</summary>
/// <param name="Box">The pixels that may contribute; everything outside is as if it were not there.</param>
/// <param name="Across">From the view's columns to the box's.</param>
/// <param name="Down">From the view's rows to the box's.</param>
internal readonly record struct Placement(PixelBox Box, AxisMap Across, AxisMap Down)
{
    /// <summary>The whole box squeezed into a square view.</summary>
    public static Placement Fill(PixelBox box, int size, bool flip)
    {
        var step = (double)box.Width / size;
        return new(box, flip ? new(box.Width, -step) : new(0, step), new(0, (double)box.Height / size));
    }
}

/// <summary>The centre of view pixel i along one axis is at <c>Start + Step * (i + 0.5)</c> of the box; a negative step mirrors.</summary>
internal readonly record struct AxisMap(double Start, double Step)
{
    /// <summary>
    /// The taps of the view's pixels among the box's, for those who sum one pixel at a time; <see cref="InterpolationMatrix"/> is the same
    /// as a matrix.
    /// </summary>
    public ResizeFilter Filter(int length, int size, double total, Interpolation interpolation) =>
        interpolation.Filter(length, size, Start, Step, total);
}
