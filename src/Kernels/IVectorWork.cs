namespace DataSsl.Kernels;

/// <summary>Work that is written once for vectors of every width.</summary>
internal interface IVectorWork
{
    void Run<TVector>() where TVector : unmanaged, IVector<TVector>;
}
