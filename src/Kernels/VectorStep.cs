namespace DataSsl.Kernels;

/// <summary>A step whose parts are computed with vectors of the machine's width.</summary>
internal abstract class VectorStep<TSelf>(Machine machine) : Step(machine) where TSelf : VectorStep<TSelf>, IVectorStep<TSelf>
{
    protected internal sealed override void Work(int part, int parts)
    {
        var share = new Share((TSelf)this, part, parts);
        Lanes.Run(Machine.Bits, ref share);
    }

    private readonly struct Share(TSelf step, int part, int parts) : IVectorWork
    {
        public void Run<TVector>() where TVector : unmanaged, IVector<TVector> => TSelf.Work<TVector>(step, part, parts);
    }
}

/// <summary>What a step does. It is static: to look a generic virtual method up would allocate at times.</summary>
internal interface IVectorStep<TSelf>
{
    /// <summary>Computes one of a number of parts.</summary>
    static abstract void Work<TVector>(TSelf step, int part, int parts) where TVector : unmanaged, IVector<TVector>;
}
