using System.Runtime.InteropServices;

namespace DataSsl.Kernels;

/// <summary>What convolutions and matrices have in common: rows of the input, gathered if need be, times packed weights.</summary>
internal abstract unsafe class Product : Step
{
    private readonly Floats panels, bias, offsets, factors;
    private readonly Floats[] gathered;
    private readonly int rows, length, columns;
    private readonly Activation activation;
    private readonly Quantisation? output;

    /// <param name="rows">Pixels or tokens of the output.</param>
    /// <param name="weights">The transposed matrix [columns, length].</param>
    /// <param name="bias">One a column.</param>
    /// <param name="offsets">One a column of weights in bytes, added to its sum of products; otherwise none.</param>
    /// <param name="factors">By what that then becomes a value, or steps of the output's bytes.</param>
    /// <param name="width">Columns of a vector of sums.</param>
    /// <param name="gathers">Rows have to be gathered: the input does not hold them as they are.</param>
    /// <param name="output">The bytes that values are stored as, in whose steps the sums are; null where they stay.</param>
    protected Product(
        Machine machine, int rows, ReadOnlySpan<float> weights, float[] bias, ReadOnlySpan<int> offsets, ReadOnlySpan<float> factors,
        Activation activation, int width, bool gathers, Quantisation? output)
        : base(machine)
    {
        (this.rows, this.activation, this.output) = (rows, activation, output);
        (length, columns) = (weights.Length / bias.Length, Lanes.Padded(bias.Length));
        panels = new(length * columns);
        this.bias = new(bias, columns);
        this.offsets = new(MemoryMarshal.Cast<int, float>(offsets), offsets.Length > 0 ? columns : 0);
        this.factors = new(factors, this.offsets.Length);
        fixed (float* source = weights) Panels.Pack(source, length, length, bias.Length, panels.Pointer, width);
        Block = Panels.RowsAtOnce(rows, length, columns);
        gathered = new Floats[gathers ? machine.Threads : 0];
        for (var i = 0; i < gathered.Length; i++) gathered[i] = new(Block * Pitch);
    }

    /// <summary>Rows that are worked on at a time.</summary>
    protected int Block { get; }

    /// <summary>Values from one gathered row to the next: what a copy writes beyond the end of a row is none of the next.</summary>
    protected int Pitch => length + Lanes.Count;

    /// <summary>Values from one row of the input to the next, where rows need not be gathered.</summary>
    protected virtual int Stride => throw new InvalidOperationException("rows are gathered");

    /// <summary>Copies rows of the input, <see cref="Pitch"/> apart.</summary>
    /// <param name="part">Of the work: each has a thread of its own.</param>
    protected virtual void Gather(int part, int first, int count, float* target) =>
        throw new InvalidOperationException("rows are not gathered");

    /// <summary>Computes one of a number of parts.</summary>
    protected void Multiply<TSums>(int part, int parts) where TSums : unmanaged, ISums<TSums>
    {
        if (output is null) Multiply<TSums, StoredValues>(part, parts);
        else Multiply<TSums, StoredBytes>(part, parts);
    }

    private void Multiply<TSums, TStored>(int part, int parts)
        where TSums : unmanaged, ISums<TSums>
        where TStored : struct, IStored
    {
        var (first, end, left, right) = Panels.Deal(rows, columns, TSums.Width, part, parts);
        var finish = new Finish(bias.Pointer, Added, activation, (int*)offsets.Pointer, factors.Pointer, output);
        for (var row = first; row < end; row += Block)
        {
            var (count, x, stride) = (Math.Min(Block, end - row), (nint)X, (nint)Pitch);
            if (gathered.Length > 0) Gather(part, row, count, (float*)(x = (nint)gathered[part].Pointer));
            else (x, stride) = ((nint)(X + (nint)row * Stride), Stride);
            Panels.Multiply<TSums, TStored>(
                (float*)x, stride, count, panels.Pointer, length, left, right, Y, (nint)row * columns, columns, finish);
        }
    }
}
