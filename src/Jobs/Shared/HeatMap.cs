using DataSsl.Runtime.Data;

namespace DataSsl.Jobs.Shared;

/// <summary>Values of places of a picture as colour over it.</summary>
internal static class HeatMap
{
    /// <summary>How much of the picture the colour hides where a value is highest.</summary>
    private const double Most = 0.75;

    private static readonly double[] colour = [255, 60, 0];

    /// <summary>
    /// A picture with values over its central square, which is what a network was shown of it, between positions as between pixels.
    /// </summary>
    /// <param name="picture">Of any bands.</param>
    /// <param name="values">Row by row.</param>
    /// <param name="columns">In a row.</param>
    /// <param name="low">Value up to which nothing is painted.</param>
    /// <param name="high">Value that is painted fully.</param>
    public static Image Over(Image picture, float[] values, int columns, float low, float high)
    {
        var (rgb, rows, side) = (picture.Rgb.ToArray(), values.Length / columns, Math.Min(picture.Width, picture.Height));
        var (left, top) = ((picture.Width - side) / 2, (picture.Height - side) / 2);
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var value = At((x + 0.5) / side * columns - 0.5, (y + 0.5) / side * rows - 0.5);
                var share = Most * Math.Clamp((value - low) / (high - low), 0, 1);
                for (var channel = 0; channel < 3; channel++)
                {
                    ref var pixel = ref rgb[3 * ((top + y) * picture.Width + left + x) + channel];
                    pixel = (byte)Math.Round(pixel + share * (colour[channel] - pixel));
                }
            }
        return new(picture.Width, picture.Height, rgb);

        double At(double x, double y)
        {
            var (across, down) = (Math.Clamp(x, 0, columns - 1), Math.Clamp(y, 0, rows - 1));
            var (i, j) = (Math.Min((int)across, Math.Max(0, columns - 2)), Math.Min((int)down, Math.Max(0, rows - 2)));
            var (right, below) = (Math.Min(i + 1, columns - 1), Math.Min(j + 1, rows - 1));
            double Row(int row) => values[row * columns + i] + (across - i) * (values[row * columns + right] - values[row * columns + i]);
            return Row(j) + (down - j) * (Row(below) - Row(j));
        }
    }
}
