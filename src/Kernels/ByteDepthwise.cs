using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>
/// A convolution of each channel by itself in bytes, from a map of bytes, with a padding that keeps the side of an odd kernel.
/// </summary>
/// <remarks>
/// Four lines of the map at a time lie as groups, a byte of each: of a column under the kernel four products are then one step. Where a
/// group has more lines than the kernel, those serve another line of the output too, with the weights moved by as much.
/// </remarks>
internal sealed unsafe class ByteDepthwise : Step
{
    /// <summary>Vectors that <see cref="IByteSums{TSelf}.Interleave"/> writes.</summary>
    private const int Set = 4;

    private readonly Floats weights, bias, offsets, factors, padding;

    /// <summary>The groups of all columns of a few lines, for some channels; those beyond the map are there from the start.</summary>
    private readonly Floats[] columns;
    private readonly int[] starts;
    private readonly int channels, side, outSide, kernel, stride, groups, lines, width, bits;
    private readonly Activation activation;
    private readonly Quantisation? output;

    /// <param name="matrix">[channels, kernel * kernel].</param>
    /// <param name="output">The bytes that values are stored as; null where they stay.</param>
    public ByteDepthwise(
        Machine machine, ByteMatrix matrix, int side, int kernel, int stride, Activation activation, Quantisation? output = null)
        : base(machine)
    {
        (this.side, this.kernel, this.stride, this.activation, this.output) = (side, kernel, stride, activation, output);
        channels = Lanes.Padded(matrix.Columns);
        outSide = Window.Side(side, kernel, stride);
        groups = (kernel + ByteSums.Group - 1) / ByteSums.Group;
        lines = (groups * ByteSums.Group - kernel) / stride + 1;
        bits = Bits(machine.Bits);
        width = Lanes.Width(bits);
        // The last channels may be worked on twice, so that every vector is whole.
        starts = new int[(channels + Block - 1) / Block];
        for (var i = 0; i < starts.Length; i++) starts[i] = Math.Min(i * Block, channels - Block);
        var shift = ByteSums.Shift(bits);
        (offsets, factors, bias) =
            (Ordered(matrix.Offsets(shift)), Ordered(matrix.Factors(output)), Ordered(matrix.Biases(output)));
        weights = Grouped(matrix);
        padding = new(side * channels / ByteSums.Group);
        MemoryMarshal.AsBytes(padding.Span).Fill(matrix.Input.Zero);
        columns = new Floats[machine.Threads];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new((side + kernel - 1) * groups * Block);
            MemoryMarshal.AsBytes(columns[i].Span).Fill((byte)(matrix.Input.Zero ^ shift));
        }
    }

    /// <summary>Channels that are worked on at a time, and groups of a column.</summary>
    private int Block => Set * width;

    /// <summary>Of the widest vectors that hold no more than all channels, and have instructions.</summary>
    private int Bits(int most) =>
        most == 512 && channels >= 64 && Avx512BW.IsSupported ? 512 : most >= 256 && channels >= 32 && Avx2.IsSupported ? 256 : 128;

    /// <summary>The channel of a sum.</summary>
    private int Channel(int block, int vector, int lane) => starts[block] + lane / 4 * Lanes.Count + vector * 4 + lane % 4;

    /// <summary>One value a channel, in the order of the sums.</summary>
    private Floats Ordered<T>(T[] values) where T : unmanaged
    {
        var ordered = new Floats(starts.Length * Block);
        var target = MemoryMarshal.Cast<float, T>(ordered.Span);
        for (var i = 0; i < ordered.Length; i++)
        {
            var channel = Channel(i / Block, i % Block / width, i % width);
            if (channel < values.Length) target[i] = values[channel];
        }
        return ordered;
    }

    /// <summary>[blocks, lines, columns of the kernel, groups, sums].</summary>
    private Floats Grouped(ByteMatrix matrix)
    {
        var grouped = new Floats(starts.Length * lines * kernel * groups * Block);
        var target = MemoryMarshal.Cast<float, sbyte>(grouped.Span);
        for (var i = 0; i < target.Length; i++)
        {
            var (sum, rest) = (i / ByteSums.Group % Block, i / ByteSums.Group / Block);
            var (group, column) = (rest % groups, rest / groups % kernel);
            var (line, block) = (rest / groups / kernel % lines, rest / groups / kernel / lines);
            var (row, channel) = (
                group * ByteSums.Group + i % ByteSums.Group - line * stride, Channel(block, sum / width, sum % width));
            if ((uint)row < (uint)kernel && channel < matrix.Columns)
                target[i] = matrix.Values[(channel * kernel + row) * kernel + column];
        }
        return grouped;
    }

    protected internal override void Work(int part, int parts)
    {
        var share = new DepthwiseShare(this, part, parts);
        ByteSums.Run(bits, ref share);
    }

    private readonly struct DepthwiseShare(ByteDepthwise step, int part, int parts) : IByteWork
    {
        public void Run<TSums>() where TSums : unmanaged, IByteSums<TSums>
        {
            if (step.output is null) step.Work<TSums, StoredValues>(part, parts);
            else step.Work<TSums, StoredBytes>(part, parts);
        }
    }

    private void Work<TSums, TStored>(int part, int parts)
        where TSums : unmanaged, IByteSums<TSums>
        where TStored : struct, IStored
    {
        var (first, end) = Portion.Of(outSide, lines, part, parts);
        var finish = new Finish(bias.Pointer, null, activation, (int*)offsets.Pointer, factors.Pointer, output);
        var inner = columns[part].Pointer + kernel / 2 * groups * Block;
        var some = kernel * groups * Block;
        for (var y = first; y < end; y += lines)
            for (var block = 0; block < starts.Length; block++)
            {
                for (var group = 0; group < groups; group++)
                    Interleave<TSums>(
                        y * stride - kernel / 2 + group * ByteSums.Group, starts[block], inner + group * Block);
                var line = y;
                var weight = weights.Pointer + block * lines * some;
                for (; line + 1 < Math.Min(y + lines, end); line += 2, weight += 2 * some)
                    Lines<TSums, TStored, Two>(columns[part].Pointer, weight, line, block, finish);
                if (line < Math.Min(y + lines, end)) Lines<TSums, TStored, One>(columns[part].Pointer, weight, line, block, finish);
            }
    }

    /// <summary>The groups of four lines, from a channel on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Interleave<TSums>(int y, int channel, float* target) where TSums : unmanaged, IByteSums<TSums>
    {
        byte* a = Line(y) + channel, b = Line(y + 1) + channel, c = Line(y + 2) + channel, d = Line(y + 3) + channel;
        nint pitch = channels, step = groups * Block;
        for (var end = a + side * pitch; a < end; a += pitch, b += pitch, c += pitch, d += pitch, target += step)
            TSums.Interleave(a, b, c, d, target);
    }

    private byte* Line(int y) =>
        (uint)y < (uint)side ? (byte*)X + (nint)y * side * channels : (byte*)padding.Pointer;

    /// <summary>One or two lines of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Lines<TSums, TStored, TLines>(float* column, float* weight, int line, int block, in Finish finish)
        where TSums : unmanaged, IByteSums<TSums>
        where TStored : struct, IStored
        where TLines : struct, ISize
    {
        var start = (float*)finish.Offsets + block * Block;
        nint at = (nint)line * outSide * channels + starts[block];
        nint pitch = outSide * channels, step = stride * groups * Block, some = kernel * groups * Block;
        for (var x = 0; x < outSide; x++, column += step, at += channels)
        {
            TSums a = TSums.Load(start), b = TSums.Load(start + TSums.Width);
            TSums c = TSums.Load(start + 2 * TSums.Width), d = TSums.Load(start + 3 * TSums.Width);
            TSums a2 = a, b2 = b, c2 = c, d2 = d;
            float* w = weight, v = column;
            for (var end = v + some; v < end; v += Set * TSums.Width, w += Set * TSums.Width)
            {
                TSums p = TSums.Load(v), q = TSums.Load(v + TSums.Width);
                TSums r = TSums.Load(v + 2 * TSums.Width), s = TSums.Load(v + 3 * TSums.Width);
                a = TSums.MultiplyAdd(p, TSums.Load(w), a);
                b = TSums.MultiplyAdd(q, TSums.Load(w + TSums.Width), b);
                c = TSums.MultiplyAdd(r, TSums.Load(w + 2 * TSums.Width), c);
                d = TSums.MultiplyAdd(s, TSums.Load(w + 3 * TSums.Width), d);
                if (TLines.Value == 1) continue;
                a2 = TSums.MultiplyAdd(p, TSums.Load(w + some), a2);
                b2 = TSums.MultiplyAdd(q, TSums.Load(w + some + TSums.Width), b2);
                c2 = TSums.MultiplyAdd(r, TSums.Load(w + some + 2 * TSums.Width), c2);
                d2 = TSums.MultiplyAdd(s, TSums.Load(w + some + 3 * TSums.Width), d2);
            }
            TSums.Finish<TStored>(finish, a, b, c, d, Y, at, block * Block);
            if (TLines.Value > 1) TSums.Finish<TStored>(finish, a2, b2, c2, d2, Y, at + pitch, block * Block);
        }
    }
}
