namespace DataSsl.Kernels.Tests;

/// <summary>The plainest loops, in 64 bits: what every kernel is compared with.</summary>
internal static class Reference
{
    /// <summary>x [C, S, S], weights [O, C / groups, K, K], padding that keeps an odd kernel's side -> [O, S', S'].</summary>
    public static double[] Convolution(
        float[] x, Weights.Matrix weights, int channels, int side, int kernel, int stride, int padding, int groups = 1)
    {
        var (outSide, each, columns) = ((side + 2 * padding - kernel) / stride + 1, channels / groups, weights.Columns);
        var y = new double[columns * outSide * outSide];
        for (var o = 0; o < columns; o++)
            for (var i = 0; i < outSide * outSide; i++)
            {
                var sum = (double)weights.Bias[o];
                for (var c = 0; c < each; c++)
                    for (var ky = 0; ky < kernel; ky++)
                        for (var kx = 0; kx < kernel; kx++)
                        {
                            var (row, column) = (i / outSide * stride + ky - padding, i % outSide * stride + kx - padding);
                            if ((uint)row >= (uint)side || (uint)column >= (uint)side) continue;
                            sum += (double)x[
                                ((o * groups / columns * each + c) * side + row) * side + column] * weights.Values[
                                    ((o * each + c) * kernel + ky) * kernel + kx];
                        }
                y[o * outSide * outSide + i] = sum;
            }
        return y;
    }

    public static double Finish(double sum, double added, Activation activation) => activation switch
    {
        Activation.Relu => Math.Max(0, sum + added),
        Activation.Relu6 => Math.Clamp(sum + added, 0, 6),
        _ => sum + added,
    };

    /// <summary>The error function by its series, which is exact to 64 bits for |x| up to 5.</summary>
    public static double Erf(double x)
    {
        var (sum, term) = (x, x);
        for (var n = 1; n < 150; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
