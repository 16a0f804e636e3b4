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
    internal void Run(int part, int parts)
    {
        if (machine.Bits == 512) Run<Lanes512>(part, parts);
        else if (machine.Bits == 256) Run<Lanes256>(part, parts);
        else Run<Lanes128>(part, parts);
    }

    protected abstract void Run<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>;

    /// <summary>A part's share of a number of items, in whole grains.</summary>
    protected static (int First, int End) Share(int count, int grain, int part, int parts)
    {
        var grains = (count + grain - 1) / grain;
        return (Math.Min(count, grains * part / parts * grain), Math.Min(count, grains * (part + 1) / parts * grain));
    }
}
