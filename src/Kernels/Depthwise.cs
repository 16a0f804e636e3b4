using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// A convolution of each channel by itself, vectors lying along the channels, with a padding that keeps the side of an odd kernel.
/// </summary>
internal sealed unsafe class Depthwise : VectorStep<Depthwise>, IVectorStep<Depthwise>
{
    /// <summary>Pixels side by side that share each weight that is loaded.</summary>
    private const int Tile = 4;

    /// <summary>Side of the kernel that nearly all have.</summary>
    private const int Three = 3;

    private readonly Floats weights, bias;
    private readonly int channels, side, outSide, kernel, stride;
    private readonly Activation activation;

    /// <param name="matrix">[channels, kernel * kernel] and a bias a channel.</param>
    public Depthwise(Machine machine, Weights.Matrix matrix, int side, int kernel, int stride, Activation activation) : base(machine)
    {
        (this.side, this.kernel, this.stride, this.activation, channels) = (side, kernel, stride, activation, Lanes.Padded(matrix.Columns));
        outSide = Window.Side(side, kernel, stride);
        bias = new(matrix.Bias, channels);
        weights = new(kernel * kernel * channels);
        for (var c = 0; c < matrix.Columns; c++)
            for (var k = 0; k < matrix.Length; k++)
                weights.Span[k * channels + c] = matrix.Values[c * matrix.Length + k];
    }

    static void IVectorStep<Depthwise>.Work<TVector>(Depthwise step, int part, int parts) => step.Work<TVector>(part, parts);

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        // Two lines of a common kernel share what they load; narrow vectors' registers do not hold both.
        var lines = kernel == Three && stride == 1 && TVector.Rows > Six.Value ? 2 : 1;
        var (first, end) = Portion.Of(outSide, lines, part, parts);
        var (pad, finish) = (kernel / 2, new Finish(bias.Pointer, null, activation));
        // Between them no pixel needs a column beyond the map.
        var (inner, outer) = (Math.Min(outSide, (pad + stride - 1) / stride), Math.Min(outSide, (side - kernel + pad) / stride + 1));
        for (var y = first; y < end; y++)
        {
            if (lines == 2 && y > 0 && y + 2 < side && y + 1 < end)
            {
                Lines<TVector>(y++, inner, outer, finish);
                continue;
            }
            var top = y * stride - pad;
            var (start, stop) = (Math.Max(0, -top), Math.Min(kernel, side - top));
            var x = 0;
            for (; x < inner; x++) Pixel<TVector>(y, x, start, stop, finish);
            for (; x + Tile <= outer; x += Tile) Pixels<TVector>(y, x, start, stop, finish);
            for (; x < outSide; x++) Pixel<TVector>(y, x, start, stop, finish);
        }
    }

    /// <summary>Two lines of the output that need no line beyond the map.</summary>
    private void Lines<TVector>(int y, int inner, int outer, in Finish finish) where TVector : unmanaged, IVector<TVector>
    {
        var x = inner;
        for (; x + Tile <= outer; x += Tile) TwoLines<TVector>(y, x, finish);
        for (var line = y; line < y + 2; line++)
        {
            for (var i = 0; i < inner; i++) Pixel<TVector>(line, i, 0, kernel, finish);
            for (var i = x; i < outSide; i++) Pixel<TVector>(line, i, 0, kernel, finish);
        }
    }

    /// <summary>Four pixels each of two lines, by a 3x3 kernel with stride 1: every value is loaded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TwoLines<TVector>(int y, int x, in Finish finish) where TVector : unmanaged, IVector<TVector>
    {
        var pitch = (nint)side * channels;
        var source = X + ((nint)(y - 1) * side + x - 1) * channels;
        var target = Y + ((nint)y * outSide + x) * channels;
        for (var c = 0; c < channels; c += TVector.Width)
        {
            TVector a0 = default, a1 = default, a2 = default, a3 = default;
            TVector b0 = default, b1 = default, b2 = default, b3 = default;
            var w = weights.Pointer + c;
            TVector u0 = default, u1 = default, u2 = default;
            for (var i = 0; i <= Three; i++, w += Three * channels)
            {
                var line = source + i * pitch + c;
                TVector x0 = TVector.Load(line), x1 = TVector.Load(line + channels), x2 = TVector.Load(line + 2 * channels);
                TVector x3 = TVector.Load(line + 3 * channels), x4 = TVector.Load(line + 4 * channels),
                    x5 = TVector.Load(line + 5 * channels);
                // The line above's weights are the lower line's.
                if (i > 0)
                    (b0, b1, b2, b3) = (Sum(b0, u0, x0, u1, x1, u2, x2), Sum(b1, u0, x1, u1, x2, u2, x3), Sum(b2, u0, x2, u1, x3, u2, x4),
                        Sum(b3, u0, x3, u1, x4, u2, x5));
                if (i == Three) break;
                (u0, u1, u2) = (TVector.Load(w), TVector.Load(w + channels), TVector.Load(w + 2 * channels));
                (a0, a1, a2, a3) = (Sum(a0, u0, x0, u1, x1, u2, x2), Sum(a1, u0, x1, u1, x2, u2, x3), Sum(a2, u0, x2, u1, x3, u2, x4),
                    Sum(a3, u0, x3, u1, x4, u2, x5));
            }
            var below = target + pitch;
            finish.Store<TVector, StoredValues>(a0, target, c, c);
            finish.Store<TVector, StoredValues>(a1, target + channels, c, c);
            finish.Store<TVector, StoredValues>(a2, target + 2 * channels, c, c);
            finish.Store<TVector, StoredValues>(a3, target + 3 * channels, c, c);
            finish.Store<TVector, StoredValues>(b0, below, c, c);
            finish.Store<TVector, StoredValues>(b1, below + channels, c, c);
            finish.Store<TVector, StoredValues>(b2, below + 2 * channels, c, c);
            finish.Store<TVector, StoredValues>(b3, below + 3 * channels, c, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sum<TVector>(TVector sum, TVector u, TVector x, TVector v, TVector y, TVector w, TVector z)
        where TVector : unmanaged, IVector<TVector> =>
        TVector.MultiplyAdd(w, z, TVector.MultiplyAdd(v, y, TVector.MultiplyAdd(u, x, sum)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixels<TVector>(int y, int x, int start, int stop, in Finish finish) where TVector : unmanaged, IVector<TVector>
    {
        var (step, pitch) = ((nint)stride * channels, (nint)side * channels);
        var source = X + ((nint)(y * stride - kernel / 2) * side + x * stride - kernel / 2) * channels;
        var target = Y + ((nint)y * outSide + x) * channels;
        for (var c = 0; c < channels; c += TVector.Width)
        {
            TVector a = default, b = default, d = default, e = default;
            for (var i = start; i < stop; i++)
            {
                var (line, weight) = ((nint)(source + i * pitch + c), (nint)(weights.Pointer + (nint)i * kernel * channels + c));
                for (var j = 0; j < kernel; j++, line += channels * sizeof(float), weight += channels * sizeof(float))
                {
                    var w = TVector.Load((float*)weight);
                    a = TVector.MultiplyAdd(w, TVector.Load((float*)line), a);
                    b = TVector.MultiplyAdd(w, TVector.Load((float*)line + step), b);
                    d = TVector.MultiplyAdd(w, TVector.Load((float*)line + 2 * step), d);
                    e = TVector.MultiplyAdd(w, TVector.Load((float*)line + 3 * step), e);
                }
            }
            finish.Store<TVector, StoredValues>(a, target, c, c);
            finish.Store<TVector, StoredValues>(b, target + channels, c, c);
            finish.Store<TVector, StoredValues>(d, target + 2 * channels, c, c);
            finish.Store<TVector, StoredValues>(e, target + 3 * channels, c, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel<TVector>(int y, int x, int start, int stop, in Finish finish) where TVector : unmanaged, IVector<TVector>
    {
        var (top, left) = (y * stride - kernel / 2, x * stride - kernel / 2);
        var (from, to) = (Math.Max(0, -left), Math.Min(kernel, side - left));
        var target = Y + ((nint)y * outSide + x) * channels;
        for (var c = 0; c < channels; c += TVector.Width)
        {
            TVector sum = default;
            for (var i = start; i < stop; i++)
                for (var j = from; j < to; j++)
                    sum = TVector.MultiplyAdd(
                        TVector.Load(weights.Pointer + (i * kernel + j) * channels + c),
                        TVector.Load(X + ((nint)(top + i) * side + left + j) * channels + c), sum);
            finish.Store<TVector, StoredValues>(sum, target, c, c);
        }
    }
}
