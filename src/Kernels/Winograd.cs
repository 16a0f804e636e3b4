using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// A 3x3 convolution with stride 1 by minimal filtering, F(4x4, 3x3) (Lavin and Gray 2016, section 4): 4x4 pixels of the output from 6x6 of
/// the input with 36 products a pair of channels in place of 144. Each of the 36 is a matrix product over the tiles.
/// </summary>
internal sealed unsafe class Winograd : VectorStep<Winograd>, IVectorStep<Winograd>
{
    /// <summary>Side of a tile's output, and of its input.</summary>
    private const int Out = 4, In = 6, Places = In * In;

    /// <summary>Values of a block of tiles in their transformed form: what stays in the second-level cache.</summary>
    private const int Block = 3 << 17;

    private readonly Floats panels, bias, zeros;
    private readonly Floats[] inputs, outputs;
    private readonly int side, across, tiles, block, length, padded, columns;
    private readonly Activation activation;
    private readonly Quantisation? output;

    /// <param name="weights">[O, C, 3, 3] and a bias an output channel.</param>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    public Winograd(
        Machine machine, Weights.Matrix weights, int channels, int side, Activation activation, Quantisation? output = null)
        : base(machine)
    {
        weights = weights.In(output);
        this.output = output;
        (this.side, this.activation, length, padded, columns) = (side, activation, channels, Lanes.Padded(channels),
            Lanes.Padded(weights.Columns));
        across = (side + Out - 1) / Out;
        tiles = across * across;
        var blocks = ((long)tiles * Places * (padded + columns) + Block - 1) / Block;
        block = (int)((tiles + blocks - 1) / blocks);
        (bias, zeros, panels) = (new(weights.Bias, columns), new(padded), new(Places * length * columns));
        var transformed = WinogradFilter.Transform(weights.Values);
        fixed (float* source = transformed)
            for (var p = 0; p < Places; p++)
                Panels.Pack(
                    source + p * weights.Columns * length, length, length, weights.Columns, panels.Pointer + p * length * columns,
                    Lanes.Width(machine.Bits));
        (inputs, outputs) = (new Floats[machine.Threads], new Floats[machine.Threads]);
        for (var i = 0; i < machine.Threads; i++) (inputs[i], outputs[i]) = (new(Places * block * padded), new(Places * block * columns));
    }

    static void IVectorStep<Winograd>.Work<TVector>(Winograd step, int part, int parts) => step.Work<TVector>(part, parts);

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(tiles, 1, part, parts);
        float* input = inputs[part].Pointer, output = outputs[part].Pointer;
        for (var tile = first; tile < end; tile += block)
        {
            var count = Math.Min(block, end - tile);
            for (var i = 0; i < count; i++) TransformInput<TVector>(tile + i, input + i * padded, count * padded);
            for (var p = 0; p < Places; p++)
                Panels.Multiply<TVector>(
                    input + p * count * padded, padded, count, panels.Pointer + p * length * columns, length, 0, columns,
                    output + p * count * columns, columns, new Finish(null, null, Activation.None));
            for (var i = 0; i < count; i++)
                if (this.output is null) TransformOutput<TVector, StoredValues>(tile + i, output + i * columns, count * columns);
                else TransformOutput<TVector, StoredBytes>(tile + i, output + i * columns, count * columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformInput<TVector>(int tile, float* target, nint step) where TVector : unmanaged, IVector<TVector>
    {
        var (top, left) = (tile / across * Out - 1, tile % across * Out - 1);
        var sources = stackalloc float*[Places];
        for (var y = 0; y < In; y++)
            for (var x = 0; x < In; x++)
                sources[y * In + x] = (uint)(top + y) < (uint)side && (uint)(left + x) < (uint)side
                    ? X + ((top + y) * side + left + x) * padded
                    : zeros.Pointer;
        var columns = stackalloc float[Places * Lanes.Count];
        for (var c = 0; c < padded; c += TVector.Width)
        {
            for (var x = 0; x < In; x++)
                FromSix(
                    TVector.Load(sources[x] + c), TVector.Load(sources[In + x] + c), TVector.Load(sources[2 * In + x] + c),
                    TVector.Load(sources[3 * In + x] + c), TVector.Load(sources[4 * In + x] + c), TVector.Load(sources[5 * In + x] + c),
                    columns
                        + x * TVector.Width, In * TVector.Width);
            for (var y = 0; y < In; y++)
                FromSix<TVector>(columns + y * In * TVector.Width, TVector.Width, target + y * In * step + c, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FromSix<TVector>(float* source, nint stride, float* target, nint step)
        where TVector : unmanaged, IVector<TVector> =>
        FromSix(
        TVector.Load(source), TVector.Load(source + stride), TVector.Load(source + 2 * stride), TVector.Load(source + 3 * stride),
        TVector.Load(source + 4 * stride), TVector.Load(source + 5 * stride),
        target, step);

    /// <summary>The transposed input transform of one row or column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FromSix<TVector>(TVector a, TVector b, TVector c, TVector d, TVector e, TVector f, float* target, nint step)
        where TVector : unmanaged, IVector<TVector>
    {
        var (two, minusFour, four, minusFive) = (TVector.Broadcast(2), TVector.Broadcast(-4), TVector.Broadcast(4), TVector.Broadcast(-5));
        var (outerEven, outerOdd) = (TVector.MultiplyAdd(minusFour, c, e), TVector.MultiplyAdd(minusFour, b, d));
        var (innerEven, innerOdd) = (e - c, two * (d - b));
        TVector.MultiplyAdd(four, a, TVector.MultiplyAdd(minusFive, c, e)).Store(target);
        (outerEven + outerOdd).Store(target + step);
        (outerEven - outerOdd).Store(target + 2 * step);
        (innerEven + innerOdd).Store(target + 3 * step);
        (innerEven - innerOdd).Store(target + 4 * step);
        TVector.MultiplyAdd(four, b, TVector.MultiplyAdd(minusFive, d, f)).Store(target + 5 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformOutput<TVector, TStored>(int tile, float* source, nint step)
        where TVector : unmanaged, IVector<TVector>
        where TStored : struct, IStored
    {
        var (top, left) = (tile / across * Out, tile % across * Out);
        var (height, width) = (Math.Min(Out, side - top), Math.Min(Out, side - left));
        var rows = stackalloc float[Out * In * Lanes.Count];
        var pixels = stackalloc float[Out * Lanes.Count];
        var offset = (top * side + left) * columns;
        var finish = new Finish(bias.Pointer, Added, activation, output: output);
        for (var c = 0; c < columns; c += TVector.Width)
        {
            for (var x = 0; x < In; x++)
                ToFour<TVector>(source + x * step + c, In * step, rows + x * TVector.Width, In * TVector.Width);
            for (var y = 0; y < height; y++)
            {
                ToFour<TVector>(rows + y * In * TVector.Width, TVector.Width, pixels, TVector.Width);
                for (var x = 0; x < width; x++)
                    finish.Store<TVector, TStored>(
                        TVector.Load(pixels + x * TVector.Width), Y, offset + (y * side + x) * columns + c, c);
            }
        }
    }

    /// <summary>The transposed output transform of one row or column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToFour<TVector>(float* source, nint stride, float* target, nint step) where TVector : unmanaged, IVector<TVector>
    {
        TVector b = TVector.Load(source + stride), c = TVector.Load(source + 2 * stride), d = TVector.Load(source + 3 * stride),
            e = TVector.Load(source + 4 * stride);
        TVector innerSum = b + c, inner = b - c, outerSum = d + e, outer = d - e;
        (TVector.Load(source) + innerSum + outerSum).Store(target);
        TVector.MultiplyAdd(TVector.Broadcast(2), outer, inner).Store(target + step);
        TVector.MultiplyAdd(TVector.Broadcast(4), outerSum, innerSum).Store(target + 2 * step);
        (TVector.MultiplyAdd(TVector.Broadcast(8), outer, inner) + TVector.Load(source + 5 * stride)).Store(target + 3 * step);
    }
}
