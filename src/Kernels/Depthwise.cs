using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>A convolution of each channel by itself, vectors lying along the channels, with a padding that keeps the side of an odd kernel.</summary>
internal sealed unsafe class Depthwise : Step
{
    /// <summary>Pixels side by side that share each weight that is loaded.</summary>
    private const int Tile = 4;

    private readonly Floats weights, bias;
    private readonly int channels, side, outSide, kernel, stride;
    private readonly Activation activation;

    /// <param name="matrix">[channels, kernel * kernel] and a bias a channel.</param>
    public Depthwise(Machine machine, Weights.Matrix matrix, int side, int kernel, int stride, Activation activation) : base(machine)
    {
        (this.side, this.kernel, this.stride, this.activation, channels) = (side, kernel, stride, activation, Lanes.Padded(matrix.Columns));
        outSide = (side + 2 * (kernel / 2) - kernel) / stride + 1;
        bias = new(matrix.Bias, channels);
        weights = new(kernel * kernel * channels);
        for (var c = 0; c < matrix.Columns; c++)
            for (var k = 0; k < matrix.Length; k++)
                weights.Span[k * channels + c] = matrix.Values[c * matrix.Length + k];
    }

    protected internal override void Work(int part, int parts)
    {
        if (Machine.Bits == 512) Work<Lanes512>(part, parts);
        else if (Machine.Bits == 256) Work<Lanes256>(part, parts);
        else Work<Lanes128>(part, parts);
    }

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Share(outSide, 1, part, parts);
        var (pad, finish) = (kernel / 2, new Finish(bias.Pointer, null, activation));
        // Between them no pixel needs a column beyond the map.
        var (inner, outer) = (Math.Min(outSide, (pad + stride - 1) / stride), Math.Min(outSide, (side - kernel + pad) / stride + 1));
        for (var y = first; y < end; y++)
        {
            var top = y * stride - pad;
            var (start, stop) = (Math.Max(0, -top), Math.Min(kernel, side - top));
            var x = 0;
            for (; x < inner; x++) Pixel<TVector>(y, x, start, stop, finish);
            for (; x + Tile <= outer; x += Tile) Pixels<TVector>(y, x, start, stop, finish);
            for (; x < outSide; x++) Pixel<TVector>(y, x, start, stop, finish);
        }
    }

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
            finish.Store<TVector, One>(a, default, target, c, c);
            finish.Store<TVector, One>(b, default, target + channels, c, c);
            finish.Store<TVector, One>(d, default, target + 2 * channels, c, c);
            finish.Store<TVector, One>(e, default, target + 3 * channels, c, c);
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
                    sum = TVector.MultiplyAdd(TVector.Load(weights.Pointer + (i * kernel + j) * channels + c), TVector.Load(X + ((nint)(top + i) * side + left + j) * channels + c), sum);
            finish.Store<TVector, One>(sum, default, target, c, c);
        }
    }
}
