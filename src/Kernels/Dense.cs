namespace DataSsl.Kernels;

/// <summary>What convolutions and matrices have in common: rows of the input, gathered if need be, times packed weights.</summary>
internal abstract unsafe class Dense : VectorStep<Dense>, IVectorStep<Dense>
{
    private readonly Floats panels, bias;
    private readonly Floats[] gathered;
    private readonly int rows, length, columns, block;
    private readonly Activation activation;

    /// <param name="rows">Pixels or tokens of the output.</param>
    /// <param name="weights">The transposed matrix [columns, length], and a bias a column.</param>
    /// <param name="gathers">Rows have to be gathered: the input does not hold them as they are.</param>
    protected Dense(Machine machine, int rows, Weights.Matrix weights, Activation activation, bool gathers) : base(machine)
    {
        (this.rows, this.activation, length, columns) = (rows, activation, weights.Length, Lanes.Padded(weights.Columns));
        panels = new(length * columns);
        bias = new(weights.Bias, columns);
        fixed (float* source = weights.Values)
            Panels.Pack(source, length, length, weights.Columns, panels.Pointer, Lanes.Width(machine.Bits));
        block = Panels.RowsAtOnce(rows, length, columns);
        gathered = new Floats[gathers ? machine.Threads : 0];
        for (var i = 0; i < gathered.Length; i++) gathered[i] = new(block * Pitch);
    }

    /// <summary>Values from one gathered row to the next: what a copy writes beyond the end of a row is none of the next.</summary>
    protected int Pitch => length + Lanes.Count;

    /// <summary>Values from one row of the input to the next, where rows need not be gathered.</summary>
    protected virtual int Stride => throw new InvalidOperationException("rows are gathered");

    /// <summary>Copies rows of the input, <see cref="Pitch"/> apart.</summary>
    protected virtual void Gather(int first, int count, float* target) => throw new InvalidOperationException("rows are not gathered");

    static void IVectorStep<Dense>.Work<TVector>(Dense step, int part, int parts) => step.Work<TVector>(part, parts);

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end, left, right) = Panels.Deal(rows, columns, TVector.Width, part, parts);
        for (var row = first; row < end; row += block)
        {
            var (count, x, stride) = (Math.Min(block, end - row), (nint)X, (nint)Pitch);
            if (gathered.Length > 0) Gather(row, count, (float*)(x = (nint)gathered[part].Pointer));
            else (x, stride) = ((nint)(X + (nint)row * Stride), Stride);
            var offset = (nint)row * columns;
            Panels.Multiply<TVector>(
                (float*)x, stride, count, panels.Pointer, length, left, right, Y + offset, columns,
                new Finish(bias.Pointer, Added, activation).At(offset));
        }
    }
}
