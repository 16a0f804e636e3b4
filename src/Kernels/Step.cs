namespace DataSsl.Kernels;

/// <summary>One pass over a map: what a layer is at run time, with all that does not depend on the image made beforehand.</summary>
internal abstract unsafe class Step(Machine machine)
{
    /// <summary>The input, the output, and a map of the output's shape to add to it; null for none.</summary>
    protected float* X { get; private set; }

    protected float* Y { get; private set; }

    protected float* Added { get; private set; }

    protected Machine Machine => machine;

    /// <summary>Computes y from x, on all threads.</summary>
    public void Run(float* x, float* y, float* added = null)
    {
        X = x;
        Y = y;
        Added = added;
        machine.Run(this);
    }

    /// <summary>Computes one of a number of parts.</summary>
    protected internal abstract void Work(int part, int parts);
}
