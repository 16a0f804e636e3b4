namespace DataSsl.Kernels;

/// <summary>A square kernel on its way over a square map.</summary>
internal static class Window
{
    /// <summary>The side of what it leaves, with a padding that keeps the side where it is odd and goes by single pixels.</summary>
    public static int Side(int side, int kernel, int stride) => Side(side, kernel, stride, kernel / 2);

    /// <summary>The same with so many pixels around the map.</summary>
    public static int Side(int side, int kernel, int stride, int padding) => (side + 2 * padding - kernel) / stride + 1;
}
